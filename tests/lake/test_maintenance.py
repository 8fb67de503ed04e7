"""Compaction, retention, rezoning and vacuum: less on disk, and nothing lost that can still be asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from lake_samples import NOW

from sightline.definitions.schema.dataset import Dataset
from sightline.lake.maintain import compact, expire, maintain, prune_snapshots, rezone, vacuum
from sightline.lake.snapshots import SnapshotGone
from sightline.lake.staging import clean_leftovers, staging
from sightline.lake.store import Lake
from sightline.lake.write import publish_table

Make = Callable[..., Dataset]
Read = Callable[..., list[dict[str, Any]]]
FAR = timedelta(days=-10_000)
"""As the age of files that may be removed: all of them, as files made by a test are always young."""


def load(lake: Lake, dataset: Dataset, ids: list[str], at: list[datetime], run: str, now: datetime = NOW) -> None:
    publish_table(lake, dataset, pa.table({"lead_id": ids, "created_at": at}), zone="UTC", now=now, run=run)


def data_files(lake: Lake) -> list[Path]:
    return [path for path in (lake.root / "leads").rglob("*.parquet") if "_delta_log" not in path.parts]


def test_compaction_joins_small_files_and_changes_no_row(lake: Lake, leads: Dataset, read: Read) -> None:
    for number in range(6):
        load(lake, leads, [f"l{number}"], [datetime(2026, 1 + number % 2, 10 - number, tzinfo=UTC)], f"r{number}")
    before = read()
    snapshot = compact(lake, leads, now=NOW)
    assert snapshot is not None
    relation = lake.relation("leads", snapshot)
    assert relation is not None
    assert len(relation.files) == 2
    assert read() == before
    assert compact(lake, leads, now=NOW) is None


def test_compaction_fills_the_columns_older_files_lack(lake: Lake, make_dataset: Make, read: Read) -> None:
    load(lake, make_dataset(), ["a"], [NOW], "r1")
    wider = make_dataset(columns={**make_dataset().model_dump()["columns"], "extra": {"type": "string"}})
    publish_table(lake, wider, pa.table({"lead_id": ["b"], "extra": ["x"]}), zone="UTC", now=NOW, run="r2")
    assert lake.snapshot().datasets["leads"].evolved
    compact(lake, wider, now=NOW)
    assert not lake.snapshot().datasets["leads"].evolved
    assert [(row["lead_id"], row["extra"]) for row in read()] == [("a", None), ("b", "x")]


@pytest.mark.req("PLT-11")
def test_retention_lets_go_of_rows_older_than_declared(lake: Lake, make_dataset: Make, read: Read) -> None:
    dataset = make_dataset(retention="24 months")
    moments = [datetime(2024, 3, 1, 11, tzinfo=UTC), datetime(2024, 3, 1, 12, tzinfo=UTC), NOW, None]
    publish_table(
        lake, dataset, pa.table({"lead_id": list("abcd"), "created_at": moments}), zone="UTC", now=NOW, run="r"
    )
    expire(lake, dataset, now=NOW)
    assert [row["lead_id"] for row in read()] == ["b", "c", "d"]
    assert expire(lake, dataset, now=NOW) is None
    assert expire(lake, make_dataset(retention="forever"), now=NOW + timedelta(days=9999)) is None


def test_a_dataset_that_lost_every_row_can_still_be_read(lake: Lake, leads: Dataset, read: Read) -> None:
    load(lake, leads, ["a"], [datetime(2020, 1, 1, tzinfo=UTC)], "r1")
    expire(lake, leads, now=NOW)
    assert read() == []
    assert lake.snapshot().datasets["leads"].rows == 0


def test_rezoning_moves_every_day(lake: Lake, leads: Dataset, read: Read) -> None:
    load(lake, leads, ["a"], [datetime(2026, 1, 31, 23, 30, tzinfo=UTC)], "r1")
    snapshot = rezone(lake, leads, zone="Asia/Tokyo", now=NOW)
    assert snapshot is not None
    assert read()[0]["created_at__day"] == date(2026, 2, 1)
    assert snapshot.datasets["leads"].zone == "Asia/Tokyo"
    assert rezone(lake, leads, zone="Asia/Tokyo", now=NOW) is None


@pytest.mark.req("PLT-3", "PLT-11")
def test_vacuum_and_retention_never_break_a_kept_or_recent_snapshot(lake: Lake, leads: Dataset, read: Read) -> None:
    start = NOW - timedelta(days=30)
    for number in range(20):
        moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=20 * number)
        load(
            lake, leads, [f"l{number:02d}", "same"], [moment, moment], f"r{number}", now=start + timedelta(days=number)
        )
    lake.keep(4, "quarterly review")
    recent = {snapshot.id: read(at=snapshot) for snapshot in lake.snapshots() if snapshot.id == 4 or snapshot.id > 10}
    done = maintain(lake, [leads], now=start + timedelta(days=20), keep=timedelta(days=9), young=FAR)
    assert done.files_removed > 0
    assert done.snapshots_removed == 9  # 1–10 except 4
    fresh = Lake(lake.root)
    assert sorted(snapshot.id for snapshot in fresh.snapshots())[:3] == [4, 11, 12]
    for number, rows in recent.items():
        assert read(at=fresh.snapshot(number)) == rows
    with pytest.raises(SnapshotGone):
        fresh.snapshot(3)


def test_the_newest_snapshot_stays_however_old_it_is(lake: Lake, leads: Dataset, read: Read) -> None:
    load(lake, leads, ["a"], [NOW], "r1")
    later = NOW + timedelta(days=900)
    assert prune_snapshots(lake, now=later) == 0
    assert vacuum(lake, now=later, young=FAR) == 0
    assert len(read()) == 1


def test_a_snapshot_that_was_current_within_the_days_to_keep_stays(lake: Lake, leads: Dataset) -> None:
    load(lake, leads, ["a"], [NOW], "r1", now=NOW - timedelta(days=100))
    load(lake, leads, ["b"], [NOW], "r2", now=NOW - timedelta(days=1))
    assert prune_snapshots(lake, now=NOW, keep=timedelta(days=7)) == 0
    assert prune_snapshots(lake, now=NOW + timedelta(days=7), keep=timedelta(days=7)) == 1


def test_young_files_are_left_alone_because_a_commit_may_be_about_to_name_them(lake: Lake, leads: Dataset) -> None:
    load(lake, leads, ["a"], [NOW], "r1")
    stray = lake.root / "leads" / "_month=2026-01" / "stray.parquet"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"")
    assert vacuum(lake, now=datetime.now(UTC)) == 0
    assert stray.exists()
    assert vacuum(lake, now=datetime.now(UTC), young=FAR) == 1
    assert len(data_files(lake)) == 1


def test_leftovers_of_dead_runs_are_removed_and_those_of_living_ones_stay(lake: Lake) -> None:
    dead = lake.staging("dead")
    dead.mkdir(parents=True)
    dead.with_suffix(".lock").touch()
    with staging(lake, "living", memory="64MB"):
        assert clean_leftovers(lake) == ["dead"]
        assert lake.staging("living").exists()
    assert not dead.exists()
    assert not lake.staging("living").exists()
