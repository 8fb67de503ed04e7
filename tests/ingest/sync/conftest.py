"""A workspace that reads the toy system into leads and their stages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_django import Settings

from sightline.accounts.access import Access, operator_access
from sightline.home import Home, WorkspaceFolder
from sightline.ingest.actions.save_source import save_source
from sightline.ingest.models import Source, SyncRun
from sightline.ingest.spec import spec_from
from sightline.ingest.sync.run import carry_out
from sightline.ingest.sync.schedule import queue_run
from sightline.sources.catalogue import CONNECTORS
from toy_source import Toy, connector_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEADS = {
    "dataset": "leads",
    "entities": {"lead": {"type": "primary", "column": "lead_id"}},
    "time": "created_at",
    "columns": {
        "lead_id": {"type": "string"},
        "program_id": {"type": "string"},
        "email": {"type": "string", "pii": "email"},
        "phone": {"type": "string", "arrives_as": ["mobile"]},
        "created_at": {"type": "timestamp"},
    },
    "checks": [{"not_null": ["lead_id", "created_at", "program_id"]}],
}
STAGES = {
    "dataset": "lead_stages",
    "entities": {"lead": {"type": "foreign", "column": "lead_id"}},
    "key": ["lead_id", "stage"],
    "time": "at",
    "columns": {"lead_id": {"type": "string"}, "stage": {"type": "string"}, "at": {"type": "timestamp"}},
}
SPEC: dict[str, Any] = {
    "source": "crm",
    "type": "toy",
    "streams": {
        "contacts": {
            "dataset": "leads",
            "map": {"columns": {"lead_id": "id", "program_id": "program", "created_at": "created"}},
        },
        "stages": {"dataset": "lead_stages", "map": {"columns": {"lead_id": "contact"}}},
    },
}


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> WorkspaceFolder:
    """Return a workspace with the datasets `leads` and `lead_stages`."""
    pack = tmp_path / "pack"
    (pack / "datasets").mkdir(parents=True)
    (pack / "pack.yaml").write_text("pack: small\nlabel: Small\n")
    for dataset in (LEADS, STAGES):
        (pack / "datasets" / f"{dataset['dataset']}.yaml").write_text(yaml.safe_dump(dataset, sort_keys=False))
    home = Home.create(tmp_path / "home")
    settings.SIGHTLINE_HOME = home.path
    home.create_workspace("small", packs=[str(pack)], label="Small", zone="Europe/Berlin")
    return home.workspace("small")


@pytest.fixture
def access(folder: WorkspaceFolder) -> Access:
    return operator_access(folder)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Toy:
    """Return a toy system with seven contacts; the connector `toy` reads it."""
    made = Toy()
    for number in range(1, 8):
        made.put(f"c{number}", day=number)
    monkeypatch.setitem(CONNECTORS._members, "toy", connector_of(made))
    return made


@pytest.fixture
def source(access: Access, toy: Toy, db: None) -> Source:
    """Return the source `crm`, which reads the toy system."""
    return save_source(access=access, spec=spec_from(SPEC), secrets={}, now=NOW)


class Clock:
    """A clock that goes on by a second with every look."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sync(folder: WorkspaceFolder, source: Source, clock: Clock) -> Callable[..., SyncRun]:
    """Return a function that reads the source once."""

    def run(**bounds: Any) -> SyncRun:
        queued = queue_run(source, trigger="person", by="tester", now=clock(), **bounds)
        done = carry_out(queued.pk, folder=folder, worker="w", clock=clock)
        assert done is not None
        return done

    return run
