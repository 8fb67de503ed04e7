"""The people of the tests: owner, analyst, viewer, partner and stranger, in a workspace with the programs pack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from pytest_django import Settings

from sightline.accounts.access import Access, open_workspace
from sightline.accounts.models import Membership, User
from sightline.home import Home, WorkspaceFolder

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
PASSWORD = "a long enough phrase"


@dataclass(frozen=True)
class Cast:
    """`owner` is admin, `analyst` marketing leadership, `viewer` read-only, `partner` of the business school.

    `stranger` has an account but is no member.
    """

    folder: WorkspaceFolder
    owner: User
    analyst: User
    viewer: User
    partner: User
    stranger: User

    def access(self, user: User) -> Access:
        return open_workspace(user, self.folder.name)


@pytest.fixture
def home(tmp_path: Path, settings: Settings) -> Home:
    """Return an empty home that the product uses during the test."""
    made = Home.create(tmp_path / "home")
    settings.SIGHTLINE_HOME = made.path
    return made


@pytest.fixture
def cast(home: Home, db: None) -> Cast:
    """Return the workspace "programs" and its people; the password of each is PASSWORD."""
    folder = home.create_workspace("programs", packs=["programs"], label="Programs")
    return Cast(
        folder=folder,
        owner=_person("owner", role="admin"),
        analyst=_person("analyst", role="leadership"),
        viewer=_person("viewer", role="reader"),
        partner=_person("partner", role="school_partner", attributes={"school": ["business"]}),
        stranger=_person("stranger"),
    )


@cache
def _hashed() -> str:
    return make_password(PASSWORD)  # once: hashing is slow on purpose


def _person(name: str, *, role: str = "", attributes: dict[str, list[str]] | None = None) -> User:
    user = User.objects.create(email=f"{name}@cast.test", name=name.title(), password=_hashed())
    if role:
        Membership.objects.create(user=user, workspace="programs", role=role, attributes=attributes or {})
    return user
