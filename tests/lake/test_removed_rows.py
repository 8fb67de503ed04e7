"""Rows that go, and rows that get another owner."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from sightline.definitions.schema.dataset import Dataset
from sightline.lake.remove import reassign_rows, remove_rows
from sightline.lake.store import Lake
from sightline.lake.write import publish_table

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STAGES = Dataset.model_validate(
    {
        "dataset": "stages",
        "key": ["lead", "stage"],
        "time": "at",
        "partition": "month",
        "columns": {"lead": {"type": "string"}, "stage": {"type": "string"}, "at": {"type": "timestamp"}},
    }
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(tmp_path)
    rows = [("a", "new", 1, 5), ("a", "won", 2, 5), ("b", "new", 1, 6), ("c", "new", 2, 7), ("b", "lost", 2, 8)]
    table = pa.table(
        {
            "lead": [lead for lead, *_ in rows],
            "stage": [stage for _, stage, *_ in rows],
            "at": [datetime(2026, month, day, tzinfo=UTC) for *_, month, day in rows],
        }
    )
    publish_table(made, STAGES, table, zone="UTC", now=NOW, run="first")
    return made


def _rows(lake: Lake, *, at: int | None = None) -> list[tuple[Any, ...]]:
    relation = lake.relation("stages", lake.snapshot(at))
    assert relation is not None
    with duckdb.connect() as connection:
        scan = "(SELECT *, \"at\" AT TIME ZONE 'UTC' AS day FROM read_parquet($files, hive_partitioning = false))"
        query = f"SELECT lead, stage, month(day), day(day) FROM {scan} ORDER BY 1, 3, 2"  # noqa: S608 - the test's own words
        return connection.execute(query, {"files": list(relation.files)}).fetchall()


def test_removed_rows_are_gone_and_older_snapshots_keep_them(lake: Lake) -> None:
    before = lake.snapshot().id
    snapshot = remove_rows(lake, STAGES, column="lead", values=["a", "nobody"], run="r", now=NOW)
    assert snapshot is not None
    assert _rows(lake) == [("b", "new", 1, 6), ("b", "lost", 2, 8), ("c", "new", 2, 7)]
    assert len(_rows(lake, at=before)) == 5


def test_nothing_to_remove_makes_no_snapshot(lake: Lake) -> None:
    before = lake.snapshot().id
    assert remove_rows(lake, STAGES, column="lead", values=["nobody"], run="r", now=NOW) is None
    assert remove_rows(lake, STAGES, column="lead", values=[], run="r", now=NOW) is None
    assert lake.snapshot().id == before


def test_all_rows_can_go(lake: Lake) -> None:
    remove_rows(lake, STAGES, column="lead", values=["a", "b", "c"], run="r", now=NOW)
    assert _rows(lake) == []


def test_rows_get_another_owner_and_none_is_there_twice(lake: Lake) -> None:
    reassign_rows(lake, STAGES, column="lead", moves={"b": "a"}, run="r", now=NOW)
    assert [row[:2] for row in _rows(lake)] == [("a", "new"), ("a", "lost"), ("a", "won"), ("c", "new")]


def test_a_column_outside_the_key_is_reassigned_row_by_row(lake: Lake) -> None:
    free = STAGES.model_copy(update={"key": ["stage", "at"]})
    reassign_rows(lake, free, column="lead", moves={"b": "a", "c": "a"}, run="r", now=NOW)
    assert [row[:2] for row in _rows(lake)] == [("a", "new"), ("a", "new"), ("a", "lost"), ("a", "new"), ("a", "won")]
