"""A workspace that reads the toy system, and the cast: owner, analyst, viewer, partner, clerk and stranger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from django.test import Client
from pytest_django import Settings

from sightline.accounts.access import Access, open_workspace
from sightline.accounts.models import Membership, User
from sightline.home import Home, WorkspaceFolder
from sightline.ingest.actions.save_source import save_source
from sightline.ingest.models import Source, SyncRun
from sightline.ingest.spec import spec_from
from sightline.ingest.sync.run import carry_out
from sightline.sources.catalogue import CONNECTORS
from toy_source import Toy
from toy_system import LEADS, ROLES, SPEC, STAGES, toy_connector

CAST = {
    "owner": ("admin", {}),
    "analyst": ("analyst", {}),
    "viewer": ("viewer", {}),
    "partner": ("partner", {"program": ["p1"]}),
    "clerk": ("clerk", {}),
}


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> WorkspaceFolder:
    """Return a workspace with the datasets `leads` and `lead_stages`."""
    pack = tmp_path / "pack"
    (pack / "datasets").mkdir(parents=True)
    (pack / "pack.yaml").write_text("pack: small\nlabel: Small\n")
    (pack / "roles.yaml").write_text(ROLES)
    for dataset in (LEADS, STAGES):
        (pack / "datasets" / f"{dataset['dataset']}.yaml").write_text(yaml.safe_dump(dataset, sort_keys=False))
    home = Home.create(tmp_path / "home")
    (home.path / "static").mkdir()
    settings.SIGHTLINE_HOME = home.path
    settings.STATIC_ROOT = home.path / "static"
    home.create_workspace("other", packs=[str(pack)])
    home.create_workspace("demo", packs=[str(pack)], label="Small", zone="Europe/Berlin")
    made = home.workspace("demo")
    assert not made.issues
    return made


@pytest.fixture
def people(folder: WorkspaceFolder, db: None) -> dict[str, User]:
    """Return the cast by name."""
    cast = {name: User.objects.create(email=f"{name}@example.org") for name in (*CAST, "stranger")}
    for name, (role, attributes) in CAST.items():
        Membership.objects.create(user=cast[name], workspace="demo", role=role, attributes=attributes)
    Membership.objects.create(user=cast["stranger"], workspace="other", role="admin")
    return cast


@pytest.fixture
def as_(people: dict[str, User]) -> Callable[[str], Client]:
    """Return a function from a member of the cast to a browser in which they are signed in."""

    def client(name: str) -> Client:
        browser = Client()
        browser.force_login(people[name])
        return browser

    return client


@pytest.fixture
def owner(people: dict[str, User]) -> Access:
    return open_workspace(people["owner"], "demo")


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Toy:
    """Return a toy system with seven contacts; the connector `toy` reads it."""
    made = Toy()
    for number in range(1, 8):
        made.put(f"c{number}", day=number)
    monkeypatch.setitem(CONNECTORS._members, "toy", toy_connector(made))
    return made


@pytest.fixture
def source(owner: Access, toy: Toy) -> Source:
    """Return the source `crm`, which reads the toy system with a secret of its own."""
    now = datetime.now(UTC)
    return save_source(access=owner, spec=spec_from(SPEC), secrets={"password": "hunter2"}, now=now, reason="first")


@pytest.fixture
def run_waiting(folder: WorkspaceFolder) -> Callable[[], SyncRun]:
    """Return a function that does what the worker does within a second."""

    def run() -> SyncRun:
        queued = SyncRun.objects.get(state=SyncRun.State.QUEUED)
        done = carry_out(queued.pk, folder=folder, worker="w", clock=lambda: datetime.now(UTC))
        assert done is not None
        return done

    return run
