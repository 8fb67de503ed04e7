"""Rows held back: with their reasons and their record, once each, whatever happens in between."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from lake_samples import NOW, batch

from sightline.definitions.schema.dataset import Dataset
from sightline.lake import sql, write
from sightline.lake.quarantine import HeldPage, browse
from sightline.lake.store import Lake

Make = Callable[..., Dataset]
Read = Callable[..., list[dict[str, Any]]]

CHECKS = [{"not_null": "email"}, {"not_negative": "amount", "message": "No refunds here"}]
ROWS = [
    {"lead_id": "a", "email": None, "amount": -2, "visits": 1},
    {"lead_id": "b", "email": "x", "amount": 1, "visits": 1},
    {"lead_id": "c", "email": None, "amount": 1, "visits": 1},
]


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with sql.scratch(tmp_path / "scratch", memory="64MB") as connection:
        yield connection


def load(lake: Lake, dataset: Dataset, rows: list[dict[str, Any]], run: str = "r1", **options: Any) -> write.Written:
    given = {"zone": "UTC", "now": NOW, "run": run, "references": {}, **options}
    return write.write(lake, dataset, [batch(rows, dataset)], **given)


def held(lake: Lake, scratch: duckdb.DuckDBPyConnection, **options: Any) -> HeldPage:
    return browse(lake, "leads", scratch, **{"page": 1, "page_size": 50, **options})


@pytest.mark.req("PRG-1.3", "PLT-2")
def test_a_held_row_tells_every_reason_and_keeps_its_record(
    lake: Lake, make_dataset: Make, scratch: duckdb.DuckDBPyConnection
) -> None:
    load(lake, make_dataset(checks=CHECKS), ROWS)
    page = held(lake, scratch)
    assert page.total == 2
    first = page.rows[0]
    assert (first.run, first.row, first.at, first.state) == ("r1", 1, NOW, "held")
    assert (first.checks, first.reasons) == ("not_null; not_negative", "Email is empty; No refunds here")
    assert (first.columns, first.value) == ("email; amount", "-2.0000")
    record = json.loads(first.record)
    assert record["lead_id"] == "a"
    assert record["email"] is None
    assert float(record["amount"]) == -2


def test_writing_a_run_again_holds_each_row_once(
    lake: Lake, make_dataset: Make, scratch: duckdb.DuckDBPyConnection
) -> None:
    for _ in range(3):
        load(lake, make_dataset(checks=CHECKS), ROWS)
    assert [row.row for row in held(lake, scratch).rows] == [1, 3]


def test_a_row_that_is_fine_the_second_time_is_no_longer_held(
    lake: Lake, make_dataset: Make, scratch: duckdb.DuckDBPyConnection
) -> None:
    load(lake, make_dataset(checks=CHECKS), ROWS)
    load(lake, make_dataset(checks=CHECKS[1:]), ROWS)
    assert [(row.row, row.reasons) for row in held(lake, scratch).rows] == [(1, "No refunds here")]


def test_rows_are_browsed_by_page_newest_first(
    lake: Lake, make_dataset: Make, scratch: duckdb.DuckDBPyConnection
) -> None:
    dataset = make_dataset(checks=CHECKS)
    load(lake, dataset, ROWS)
    load(lake, dataset, ROWS, run="r2", now=NOW + timedelta(hours=1))
    pages = [held(lake, scratch, page=page, page_size=3) for page in (1, 2)]
    assert [[(row.run, row.row) for row in page.rows] for page in pages] == [
        [("r2", 1), ("r2", 3), ("r1", 1)],
        [("r1", 3)],
    ]
    assert {page.total for page in pages} == {4}
    assert held(lake, scratch, run="r1").total == 2


def test_a_dataset_without_bad_rows_has_an_empty_quarantine(
    lake: Lake, make_dataset: Make, scratch: duckdb.DuckDBPyConnection
) -> None:
    load(lake, make_dataset(checks=CHECKS), ROWS[1:2])
    assert held(lake, scratch) == HeldPage((), 0)


def test_a_dry_run_counts_the_same_and_writes_nothing(
    lake: Lake, make_dataset: Make, scratch: duckdb.DuckDBPyConnection
) -> None:
    dataset = make_dataset(checks=CHECKS)
    dry = load(lake, dataset, ROWS, dry_run=True)
    assert held(lake, scratch).total == 0
    assert lake.snapshot().id == 0
    assert not (lake.root / "leads").exists()
    real = load(lake, dataset, ROWS)
    assert (dry.received, dry.accepted, dry.inserted, dry.rejected) == (3, 1, 1, 2)
    for name in ("received", "accepted", "inserted", "updated", "unchanged", "rejected", "reasons", "warnings"):
        assert getattr(dry, name) == getattr(real, name)


def test_a_value_that_could_not_be_read_is_held_with_what_was_seen(
    lake: Lake, leads: Dataset, scratch: duckdb.DuckDBPyConnection
) -> None:
    rows = pa.RecordBatch.from_pydict(
        {"lead_id": ["a", "b"], "visits": pa.array([None, 3], pa.int64()), "_bad_visits": ["many", None]}
    )
    result = write.write(lake, leads, [rows], zone="UTC", now=NOW, run="r1", references={})
    assert [(reason.kind, reason.text, reason.example) for reason in result.reasons] == [
        ("type", "Visits is not an integer", "many")
    ]
    assert held(lake, scratch).rows[0].value == "many"
