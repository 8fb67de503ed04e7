"""What is published is what was given: types, local days, partitions, order, evolution, time travel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sightline.definitions.schema.dataset import Dataset
from sightline.lake.schema import SchemaChange
from sightline.lake.snapshots import SnapshotGone
from sightline.lake.store import Lake
from sightline.lake.write import BadTable, publish_table

Make = Callable[..., Dataset]
Read = Callable[..., list[dict[str, Any]]]


def test_every_type_comes_back_as_it_was_given(lake: Lake, leads: Dataset, now: datetime, read: Read) -> None:
    row = {
        "lead_id": "a",
        "program_id": "p",
        "email": "x@y.z",
        "amount": Decimal("1234.5678"),
        "score": 0.1,
        "visits": 2**60,
        "won": True,
        "due": date(2026, 2, 28),
        "created_at": datetime(2026, 2, 28, 23, 59, 59, 123456, tzinfo=UTC),
    }
    publish_table(lake, leads, pa.Table.from_pylist([row]), zone="UTC", now=now, run="r1")
    (stored,) = read()
    assert {name: stored[name] for name in row} == row
    assert (stored["_run"], stored["_row"], stored["_loaded_at"]) == ("r1", 1, now)


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", date(2026, 2, 28)), ("Europe/Berlin", date(2026, 3, 1)), ("America/New_York", date(2026, 2, 28))],
)
def test_a_moment_is_stored_with_its_day_in_the_workspace_zone(
    lake: Lake, leads: Dataset, now: datetime, read: Read, zone: str, day: date
) -> None:
    rows = pa.table({"lead_id": ["a"], "created_at": [datetime(2026, 2, 28, 23, 30, tzinfo=UTC)]})
    snapshot = publish_table(lake, leads, rows, zone=zone, now=now, run="r1")
    assert read()[0]["created_at__day"] == day
    relation = lake.relation("leads", snapshot)
    assert relation is not None
    assert relation.zone == zone
    assert f"_month={day:%Y-%m}" in relation.files[0]


def test_the_snapshot_tells_rows_newest_moment_and_columns(lake: Lake, leads: Dataset, now: datetime) -> None:
    moments = [datetime(2026, 1, day, tzinfo=UTC) for day in (5, 20, 11)]
    rows = pa.table({"lead_id": ["a", "b", "c"], "created_at": moments})
    version = publish_table(lake, leads, rows, zone="UTC", now=now, run="r1").datasets["leads"]
    assert (version.rows, version.data_through, version.zone) == (3, moments[1], "UTC")
    assert version.loaded_at == now
    assert {"lead_id", "created_at", "created_at__day", "_run", "_row", "_loaded_at", "won"} <= set(version.columns)
    assert "_month" not in version.columns


def test_rows_are_sorted_inside_a_file(lake: Lake, make_dataset: Make, now: datetime) -> None:
    dataset = make_dataset(sort=["program_id", "lead_id"], partition="none")
    rows = pa.table({"lead_id": ["b", "a", "d", "c"], "program_id": ["2", "2", "1", "1"]})
    snapshot = publish_table(lake, dataset, rows, zone="UTC", now=now, run="r1")
    relation = lake.relation("leads", snapshot)
    assert relation is not None
    assert len(relation.files) == 1
    assert pq.read_table(relation.files[0])["lead_id"].to_pylist() == ["c", "d", "a", "b"]


def test_rows_without_a_time_have_a_partition_of_their_own(lake: Lake, leads: Dataset, now: datetime) -> None:
    rows = pa.table({"lead_id": ["a", "b"], "created_at": [None, datetime(2026, 1, 1, tzinfo=UTC)]})
    snapshot = publish_table(lake, leads, rows, zone="UTC", now=now, run="r1")
    relation = lake.relation("leads", snapshot)
    assert relation is not None
    assert {Path(file).parent.name for file in relation.files} == {"_month=none", "_month=2026-01"}
    assert snapshot.datasets["leads"].data_through == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_dataset_that_was_never_published_has_no_relation(lake: Lake) -> None:
    assert lake.snapshot().id == 0
    assert lake.relation("leads", lake.snapshot()) is None


def test_an_empty_table_is_published_and_can_be_scanned(lake: Lake, leads: Dataset, now: datetime, read: Read) -> None:
    empty = pa.table({"lead_id": pa.array([], pa.string())})
    snapshot = publish_table(lake, leads, empty, zone="UTC", now=now, run="r1")
    assert snapshot.datasets["leads"].rows == 0
    assert read() == []


def test_an_unknown_column_is_refused_with_the_nearest_name(lake: Lake, leads: Dataset, now: datetime) -> None:
    with pytest.raises(BadTable, match=r'no column "emial".*did you mean "email"'):
        publish_table(lake, leads, pa.table({"lead_id": ["a"], "emial": ["x"]}), zone="UTC", now=now, run="r1")


def test_a_key_that_comes_twice_is_refused(lake: Lake, leads: Dataset, now: datetime) -> None:
    with pytest.raises(BadTable, match="is in 2 rows"):
        publish_table(lake, leads, pa.table({"lead_id": ["a", "a"]}), zone="UTC", now=now, run="r1")
    assert lake.snapshot().id == 0


@pytest.mark.req("PLT-3")
def test_a_snapshot_reads_the_same_for_ever(lake: Lake, leads: Dataset, now: datetime, read: Read) -> None:
    first = publish_table(lake, leads, pa.table({"lead_id": ["a"], "visits": [1]}), zone="UTC", now=now, run="r1")
    rows = pa.table({"lead_id": ["a", "b"], "visits": [2, 3]})
    second = publish_table(lake, leads, rows, zone="UTC", now=now, run="r2")
    assert [row["visits"] for row in read(at=first)] == [1]
    assert [row["visits"] for row in read(at=second)] == [2, 3]
    assert Lake(lake.root).snapshot(1) == first
    assert [snapshot.id for snapshot in lake.snapshots()] == [1, 2]


def test_a_snapshot_that_is_not_there_says_which_is_the_newest(lake: Lake) -> None:
    with pytest.raises(SnapshotGone, match="snapshot 7 is not kept"):
        lake.snapshot(7)


def test_loading_the_same_rows_again_publishes_nothing(lake: Lake, leads: Dataset, now: datetime) -> None:
    rows = pa.table({"lead_id": ["a", "b"], "score": [0.5, None]})
    first = publish_table(lake, leads, rows, zone="UTC", now=now, run="r1")
    assert publish_table(lake, leads, rows, zone="UTC", now=now, run="r2") == first


def test_a_row_that_moves_to_another_month_is_not_there_twice(
    lake: Lake, leads: Dataset, now: datetime, read: Read
) -> None:
    january, march = datetime(2026, 1, 31, 12, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    rows = pa.table({"lead_id": ["a", "b", "c"], "created_at": [january] * 3, "score": [1.0, 2.0, 3.0]})
    publish_table(lake, leads, rows, zone="UTC", now=now, run="r1")
    moved = pa.table({"lead_id": ["b", "d"], "created_at": [march, january]})
    snapshot = publish_table(lake, leads, moved, zone="UTC", now=now, run="r2")
    assert [row["created_at"] for row in read()] == [january, march, january, january]
    assert [row["score"] for row in read()] == [1.0, 2.0, 3.0, None]
    assert snapshot.datasets["leads"].rows == 4
    assert snapshot.datasets["leads"].data_through == march


def test_rows_without_a_key_are_added_once_per_run(lake: Lake, make_dataset: Make, now: datetime, read: Read) -> None:
    dataset = make_dataset(entities={})
    rows = pa.table({"lead_id": ["a", "a"]})
    for run in ("r1", "r1", "r2"):
        publish_table(lake, dataset, rows, zone="UTC", now=now, run=run)
    assert [row["_run"] for row in read(order="_run, _row")] == ["r1", "r1", "r2", "r2"]


def test_a_new_column_is_empty_in_older_rows(lake: Lake, make_dataset: Make, now: datetime, read: Read) -> None:
    publish_table(lake, make_dataset(), pa.table({"lead_id": ["a"]}), zone="UTC", now=now, run="r1")
    columns = {**make_dataset().model_dump()["columns"], "seen_at": {"type": "timestamp"}}
    wider = make_dataset(columns=columns)
    seen = datetime(2026, 2, 1, tzinfo=UTC)
    snapshot = publish_table(
        lake, wider, pa.table({"lead_id": ["b"], "seen_at": [seen]}), zone="UTC", now=now, run="r2"
    )
    relation = lake.relation("leads", snapshot)
    assert relation is not None
    assert relation.union_by_name
    assert {"seen_at", "seen_at__day"} <= relation.columns
    assert {row["lead_id"]: row["seen_at"] for row in read()} == {"a": None, "b": seen}


def test_a_column_no_longer_declared_stays(lake: Lake, make_dataset: Make, now: datetime, read: Read) -> None:
    publish_table(lake, make_dataset(), pa.table({"lead_id": ["a"], "score": [0.5]}), zone="UTC", now=now, run="r1")
    columns = make_dataset().model_dump()["columns"]
    del columns["score"]
    narrower = make_dataset(columns=columns)
    publish_table(lake, narrower, pa.table({"lead_id": ["a", "b"], "visits": [1, 2]}), zone="UTC", now=now, run="r2")
    assert [(row["lead_id"], row["score"], row["visits"]) for row in read()] == [("a", 0.5, 1), ("b", None, 2)]


def test_an_integer_may_become_a_number(lake: Lake, make_dataset: Make, now: datetime, read: Read) -> None:
    rows = pa.table({"lead_id": ["a"], "visits": [7]})
    first = publish_table(lake, make_dataset(), rows, zone="UTC", now=now, run="r1")
    columns = {**make_dataset().model_dump()["columns"], "visits": {"type": "number"}}
    rows = pa.table({"lead_id": ["b"], "visits": [0.5]})
    snapshot = publish_table(lake, make_dataset(columns=columns), rows, zone="UTC", now=now, run="r2")
    assert {row["lead_id"]: row["visits"] for row in read()} == {"a": 7.0, "b": 0.5}
    assert not snapshot.datasets["leads"].evolved
    assert read(at=first)[0]["visits"] == 7


def test_any_other_change_of_type_is_refused(lake: Lake, make_dataset: Make, now: datetime) -> None:
    publish_table(lake, make_dataset(), pa.table({"lead_id": ["a"]}), zone="UTC", now=now, run="r1")
    columns = {**make_dataset().model_dump()["columns"], "score": {"type": "string"}}
    with pytest.raises(SchemaChange, match='column "score" is stored as number and the definition now says string'):
        publish_table(lake, make_dataset(columns=columns), pa.table({"lead_id": ["a"]}), zone="UTC", now=now, run="r2")


def test_a_new_zone_moves_the_days_of_every_row(lake: Lake, leads: Dataset, now: datetime, read: Read) -> None:
    late = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    publish_table(lake, leads, pa.table({"lead_id": ["a"], "created_at": [late]}), zone="UTC", now=now, run="r1")
    snapshot = publish_table(
        lake, leads, pa.table({"lead_id": ["b"], "created_at": [late]}), zone="Europe/Berlin", now=now, run="r2"
    )
    assert {row["created_at__day"] for row in read()} == {date(2026, 2, 1)}
    assert snapshot.datasets["leads"].zone == "Europe/Berlin"
