"""A workspace with a small pack of its own, and files to import into it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from sightline.home import Home, WorkspaceFolder

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

PROGRAMS = {
    "dataset": "programs",
    "entities": {"program": {"type": "primary", "column": "program_id", "label": "name"}},
    "columns": {"program_id": {"type": "string"}, "name": {"type": "string"}},
}
LEADS = {
    "dataset": "leads",
    "entities": {
        "lead": {"type": "primary", "column": "lead_id"},
        "program": {"type": "foreign", "column": "program_id"},
    },
    "time": "created_at",
    "partition": "month",
    "columns": {
        "lead_id": {"type": "string", "arrives_as": ["Record ID", "contact_id"]},
        "program_id": {"type": "string"},
        "email": {"type": "string", "pii": "email", "arrives_as": ["E-Mail"]},
        "amount": {"type": "decimal"},
        "visits": {"type": "integer"},
        "score": {"type": "number"},
        "won": {"type": "boolean"},
        "due": {"type": "date"},
        "created_at": {"type": "timestamp"},
    },
    "checks": [
        {"not_null": ["lead_id", "created_at"]},
        {"not_future": "created_at"},
        {"not_negative": "amount", "severity": "warn"},
        {"references": "program"},
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> WorkspaceFolder:
    """Return a workspace in Berlin with the datasets `programs` and `leads`."""
    pack = tmp_path / "pack"
    (pack / "datasets").mkdir(parents=True)
    (pack / "pack.yaml").write_text("pack: small\nlabel: Small\n")
    for dataset in (PROGRAMS, LEADS):
        (pack / "datasets" / f"{dataset['dataset']}.yaml").write_text(yaml.safe_dump(dataset, sort_keys=False))
    home = Home.create(tmp_path / "home")
    home.create_workspace("small", packs=[str(pack)], label="Small", zone="Europe/Berlin")
    return home.workspace("small")


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Return a function that writes a file."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def read(folder: WorkspaceFolder) -> Callable[..., list[dict[str, Any]]]:
    """Return a function that reads what is published of a dataset."""

    def rows(dataset: str = "leads", order: str = "1") -> list[dict[str, Any]]:
        relation = folder.lake.relation(dataset, folder.lake.snapshot())
        assert relation is not None
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            scan = "read_parquet($files, union_by_name = true, hive_partitioning = false)"
            query = f"SELECT * FROM {scan} ORDER BY {order}"  # noqa: S608 # the test's own order
            found: list[dict[str, Any]] = (
                connection.execute(query, {"files": list(relation.files)}).to_arrow_table().to_pylist()
            )
            return found

    return rows
