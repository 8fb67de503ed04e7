"""Fixtures for pages and browsers: the sample company as a workspace, and the cast that opens it.

The cast: owner, lead, partner of one school, reader, and a stranger from another workspace.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from sightline.accounts.models import Membership, User
from sightline.definitions.loader import shipped_pack
from sightline.home import Home
from sightline.lake.write import publish_table

PASSWORD = "a long enough sentence"
CAST: Mapping[str, tuple[str, dict[str, list[str]]]] = {
    "owner": ("admin", {}),
    "lead": ("leadership", {}),
    "partner": ("school_partner", {"school": ["business"]}),
    "reader": ("reader", {}),
}


@pytest.fixture(scope="session")
def company_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with the workspace `demo` full of sample data, and an empty one called `other`."""
    path = tmp_path_factory.mktemp("web") / "home"
    home = Home.create(path)
    (path / "static").mkdir()
    home.create_workspace("other", packs=["programs"])
    folder = home.create_workspace("demo", packs=["programs"], label="Northfield", zone="America/New_York")
    pack = shipped_pack("programs")
    assert pack is not None
    spec = importlib.util.spec_from_file_location("web_sample", pack / "sample.py")
    assert spec is not None
    assert spec.loader is not None
    sample = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = sample
    spec.loader.exec_module(sample)
    now = datetime.now(UTC)
    tables = sample.generate(seed=7, end=(now - timedelta(days=1)).date(), problems=False)
    for name, table in tables.items():
        dataset = folder.catalog.dataset(name)
        publish_table(folder.lake, dataset, table, zone="America/New_York", now=now, run=f"sample-{name}")
    return path


@pytest.fixture
def people(company_home: Path, settings: Settings, db: None) -> dict[str, User]:
    """Return the cast by name. The stranger is a member of another workspace only."""
    settings.SIGHTLINE_HOME = company_home
    settings.STATIC_ROOT = company_home / "static"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cast = {name: User.objects.create_user(f"{name}@example.org", PASSWORD) for name in (*CAST, "stranger")}
    for name, (role, attributes) in CAST.items():
        Membership.objects.create(user=cast[name], workspace="demo", role=role, attributes=attributes)
    Membership.objects.create(user=cast["stranger"], workspace="other", role="admin")
    return cast
