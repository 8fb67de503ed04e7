"""A workspace of a few hand-made rows, for questions whose answer can be worked out on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from sightline.definitions.loader import load
from sightline.definitions.schema.dataset import Dataset
from sightline.definitions.schema.pack import Settings
from sightline.engines.duckdb import DuckDB
from sightline.lake.schema import ARROW_TYPES
from sightline.lake.store import Lake
from sightline.lake.write import publish_table
from sightline.metrics.warehouse import Warehouse

ADMIN = "roles: {admin: {permissions: ['*'], rows: {'*': all}, masks: {'*': show}}}"
LOADED = datetime(2026, 1, 1, tzinfo=UTC)
Rows = Sequence[Mapping[str, Any]]


def make_warehouse(
    root: Path, *, datasets: Mapping[str, str], metrics: str, rows: Mapping[str, Rows], roles: str = "", **settings: Any
) -> Warehouse:
    """Return a warehouse over these definitions (YAML) and rows (by dataset)."""
    pack = root / "pack"
    for folder in ("datasets", "metrics"):
        (pack / folder).mkdir(parents=True, exist_ok=True)
    (pack / "pack.yaml").write_text("pack: tiny\n")
    for name, text in datasets.items():
        (pack / "datasets" / f"{name}.yaml").write_text(text)
    (pack / "metrics" / "all.yaml").write_text(metrics)
    (pack / "roles.yaml").write_text(roles or ADMIN)
    loaded = load(settings=Settings(workspace="tiny", **settings), packs=[pack], overrides=None)
    assert not loaded.errors, "\n".join(str(issue) for issue in loaded.errors)
    lake = Lake(root / "lake")
    for name, given in rows.items():
        dataset = loaded.catalog.dataset(name)
        publish_table(
            lake, dataset, table_of(dataset, given), zone=loaded.catalog.settings.zone, now=LOADED, run=f"{name}-1"
        )
    return Warehouse(catalog=loaded.catalog, lake=lake, engine=DuckDB(root / "lake"))


def table_of(dataset: Dataset, rows: Rows) -> pa.Table:
    """Return the rows as the dataset declares them; what a row leaves out is missing."""
    return pa.table(
        {
            name: pa.array([row.get(name) for row in rows], ARROW_TYPES[column.type])
            for name, column in dataset.columns.items()
        }
    )
