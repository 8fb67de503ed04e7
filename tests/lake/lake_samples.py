"""The dataset most tests of the lake load, and rows of it as a source yields them and as they are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from sightline.definitions.schema.dataset import Dataset
from sightline.lake.schema import ARROW_TYPES

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

LEADS: dict[str, Any] = {
    "dataset": "leads",
    "entities": {
        "lead": {"type": "primary", "column": "lead_id"},
        "program": {"type": "foreign", "column": "program_id"},
    },
    "time": "created_at",
    "partition": "month",
    "columns": {
        "lead_id": {"type": "string"},
        "program_id": {"type": "string"},
        "email": {"type": "string", "pii": "email"},
        "amount": {"type": "decimal"},
        "score": {"type": "number"},
        "visits": {"type": "integer"},
        "won": {"type": "boolean"},
        "due": {"type": "date"},
        "created_at": {"type": "timestamp"},
    },
}


def rows_of(files: tuple[str, ...], order: str = "1") -> list[dict[str, Any]]:
    """Return the rows of Parquet files, ordered."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        scan = "read_parquet($files, union_by_name = true, hive_partitioning = false)"
        query = f"SELECT * FROM {scan} ORDER BY {order}"  # noqa: S608 # the test's own order
        rows: list[dict[str, Any]] = connection.execute(query, {"files": list(files)}).to_arrow_table().to_pylist()
        return rows


def batch(rows: Sequence[Mapping[str, Any]], dataset: Dataset) -> pa.RecordBatch:
    """Return typed rows as a source would yield them, with the columns that any of them has."""
    names = [name for name in dataset.columns if any(name in row for row in rows)]
    schema = pa.schema([(name, ARROW_TYPES[dataset.columns[name].type]) for name in names])
    return pa.RecordBatch.from_pylist([{name: row.get(name) for name in names} for row in rows], schema=schema)
