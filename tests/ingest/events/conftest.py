"""A workspace that events are sent to: signups by event id, contacts by contact id, clicks without a key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from pytest_django import Settings

from events_sender import NOW, SECRET
from sightline.accounts.models import Membership, User
from sightline.home import Home, WorkspaceFolder
from sightline.ingest.connections import keep_secrets
from sightline.ingest.models import Source


def dataset(name: str, key: str | None, /, **columns: Any) -> dict[str, Any]:
    """Return a dataset with these columns; `_event_id` arrives in `event_id`."""
    made: dict[str, Any] = {
        "dataset": name,
        "columns": {
            "event_id": {"type": "string", "arrives_as": ["_event_id"]},
            "received_at": {"type": "timestamp", "arrives_as": ["_received_at"]},
            **columns,
        },
    }
    if key:
        made["entities"] = {name: {"type": "primary", "column": key}}
    return made


DATASETS = (
    dataset("signups", "event_id", email={"type": "string", "pii": "email"}, amount={"type": "number"}),
    dataset("contacts", "contact_id", contact_id={"type": "string"}, name={"type": "string"}, score={"type": "number"}),
    dataset("clicks", None, page={"type": "string"}),
    dataset(
        "samples", "sample", sample={"type": "string", "arrives_as": ["_event_id"]}, metric={"type": "string"},
        value={"type": "number"}, increase={"type": "number"},
    ),
)  # fmt: skip
ROLES = """
roles:
  admin: {label: Admin, permissions: ["*"], rows: {"*": all}, masks: {"*": show}}
  reader: {label: Reader, permissions: [view], rows: {"*": all}}
  masked: {label: Masked, permissions: [view, see_quarantine, import_data], rows: {"*": all}}
"""


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, db: None) -> WorkspaceFolder:
    """Return the workspace `small`."""
    pack = tmp_path / "pack"
    (pack / "datasets").mkdir(parents=True)
    (pack / "pack.yaml").write_text("pack: small\nlabel: Small\n")
    for each in DATASETS:
        (pack / "datasets" / f"{each['dataset']}.yaml").write_text(yaml.safe_dump(each, sort_keys=False))
    home = Home.create(tmp_path / "home")
    home.create_workspace("small", packs=[str(pack)], label="Small", zone="UTC")
    settings.SIGHTLINE_HOME = home.path
    (home.workspace("small").definitions / "roles.yaml").write_text(ROLES)
    return home.workspace("small")


@pytest.fixture
def source(folder: WorkspaceFolder) -> Callable[..., Source]:
    """Return a function that makes a source: `source("shop", signup="signups")` has the stream `signup`."""

    def make(name: str = "shop", secrets: dict[str, str] | None = None, **streams: Any) -> Source:
        spec = {
            "source": name,
            "type": "webhook",
            "streams": {
                stream: to if isinstance(to, dict) else {"dataset": to}
                for stream, to in (streams or {"signup": "signups"}).items()
            },
        }
        made = Source.objects.create(
            workspace="small", name=name, kind="webhook", spec=spec, created_at=NOW, changed_at=NOW
        )
        keep_secrets(made, {"signing_secret": SECRET} if secrets is None else secrets, now=NOW)
        return made

    return make


@pytest.fixture
def rows(folder: WorkspaceFolder) -> Callable[..., list[dict[str, Any]]]:
    """Return a function that reads what is published of a dataset."""

    def read(name: str, order: str = "1, 2") -> list[dict[str, Any]]:
        relation = folder.lake.relation(name, folder.lake.snapshot())
        if relation is None:
            return []
        scan = "read_parquet($files, union_by_name = true, hive_partitioning = false)"
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            query = f"SELECT * FROM {scan} ORDER BY {order}"  # noqa: S608 - the test's own order
            found: list[dict[str, Any]] = (
                connection.execute(query, {"files": list(relation.files)}).to_arrow_table().to_pylist()
            )
            return found

    return read


@pytest.fixture
def person(folder: WorkspaceFolder) -> Callable[[str], User]:
    """Return a function that makes a member in a role."""

    def make(role: str) -> User:
        user = User.objects.create_user(f"{role}@example.org")
        Membership.objects.create(user=user, workspace="small", role=role)
        return user

    return make
