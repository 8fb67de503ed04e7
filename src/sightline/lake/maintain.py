"""Keeping a lake small and quick: joining small files, letting old rows go, removing files nobody can ask for.

A file is removed only when no snapshot that can still be read names it, and never when it is young: a writer may be
about to commit it. Snapshots that were kept on purpose, and those of the last days, can always be read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
from sqlglot import exp

from sightline.definitions.durations import parse_duration
from sightline.definitions.schema.dataset import Dataset
from sightline.lake import sql
from sightline.lake.merge import Base
from sightline.lake.rewrite import Rewriting, rewrite
from sightline.lake.snapshot import Snapshot
from sightline.lake.staging import clean_leftovers, staging
from sightline.lake.store import Lake
from sightline.lake.table import DataFile, Table
from sightline.lake.turn import turn

SMALL_FILE_ROWS = 100_000
KEEP_SNAPSHOTS = timedelta(days=7)
YOUNG = timedelta(days=1)
"""Files younger than this may belong to a commit that is about to happen."""


@dataclass(frozen=True)
class Maintained:
    """What maintenance did: datasets compacted and expired, files and snapshots removed, dead runs cleaned up."""

    compacted: tuple[str, ...]
    expired: tuple[str, ...]
    files_removed: int
    snapshots_removed: int
    leftovers: tuple[str, ...]


def maintain(
    lake: Lake,
    datasets: Iterable[Dataset],
    *,
    now: datetime,
    keep: timedelta = KEEP_SNAPSHOTS,
    young: timedelta = YOUNG,
) -> Maintained:
    """Do everything below for all datasets and return what was done."""
    datasets = list(datasets)
    expired = tuple(dataset.name for dataset in datasets if expire(lake, dataset, now=now))
    compacted = tuple(dataset.name for dataset in datasets if compact(lake, dataset, now=now))
    leftovers = tuple(clean_leftovers(lake))
    snapshots = prune_snapshots(lake, now=now, keep=keep)
    return Maintained(compacted, expired, vacuum(lake, now=now, young=young), snapshots, leftovers)


def compact(lake: Lake, dataset: Dataset, *, now: datetime, small: int = SMALL_FILE_ROWS) -> Snapshot | None:
    """Join the small files of each partition, or all when some lack newer columns; None when there is nothing to do."""

    def plan(base: Base, _: sql.Bindings) -> Rewriting | None:
        files = base.state.files if base.facts.evolved else _small_ones(base.state.files, small)
        return Rewriting(files, changes_data=False) if files else None

    with staging(lake, f"compact-{dataset.name}", memory="512MB") as scratch:
        return rewrite(lake, dataset, plan, scratch=scratch, now=now)


def _small_ones(files: Iterable[DataFile], small: int) -> list[DataFile]:
    """The small files of partitions that have more than one of them."""
    by_partition: dict[str | None, list[DataFile]] = defaultdict(list)
    for file in files:
        if file.rows < small:
            by_partition[file.partition].append(file)
    return [file for members in by_partition.values() if len(members) > 1 for file in members]


def expire(lake: Lake, dataset: Dataset, *, now: datetime) -> Snapshot | None:
    """Let go of the rows older than the dataset's retention; None when there are none. Rows without a time stay."""
    if dataset.retention == "forever" or dataset.time is None:
        return None
    limit = parse_duration(dataset.retention).before(now)
    time = dataset.time
    before = limit.date() if dataset.columns[time].type == "date" else limit

    with staging(lake, f"expire-{dataset.name}", memory="512MB") as scratch:

        def plan(base: Base, bindings: sql.Bindings) -> Rewriting | None:
            if time not in base.facts.columns:
                return None
            files = _files_before(scratch, base, time, before)
            old = exp.LT(this=sql.column(time, "e"), expression=bindings.value(before))
            keep = exp.Not(this=exp.Coalesce(this=exp.paren(old), expressions=[exp.false()]))
            return Rewriting(files, keep) if files else None

        return rewrite(lake, dataset, plan, scratch=scratch, now=now)


def _files_before(scratch: duckdb.DuckDBPyConnection, base: Base, time: str, before: date | datetime) -> list[DataFile]:
    bindings = sql.Bindings()
    query = exp.select(exp.column("filename", table="e")).distinct().from_(sql.scan(base.paths(), bindings, "e"))
    query = query.where(exp.LT(this=sql.column(time, "e"), expression=bindings.value(before)))
    found = {path for (path,) in sql.run(scratch, query, bindings).fetchall()}
    return [file for file in base.state.files if str(base.folder / file.path) in found]


def rezone(lake: Lake, dataset: Dataset, *, zone: str, now: datetime) -> Snapshot | None:
    """Make the stored days those of another zone; None when they are already."""

    def plan(base: Base, _: sql.Bindings) -> Rewriting | None:
        return None if base.facts.zone == zone else Rewriting(base.state.files, zone=zone)

    with staging(lake, f"rezone-{dataset.name}", memory="512MB") as scratch:
        return rewrite(lake, dataset, plan, scratch=scratch, now=now)


def prune_snapshots(lake: Lake, *, now: datetime, keep: timedelta = KEEP_SNAPSHOTS) -> int:
    """Forget snapshots that are neither kept nor were the current one within `keep`; return how many."""
    with turn(lake.keep_lock):
        snapshots = lake.snapshots()
        kept = lake.log.kept()
        removed = 0
        for snapshot, following in pairwise(snapshots):
            was_current_until = following.published_at or now
            if snapshot.id not in kept and was_current_until < now - keep:
                lake.log.remove(snapshot.id)
                removed += 1
    return removed


def vacuum(lake: Lake, *, now: datetime, young: timedelta = YOUNG) -> int:
    """Remove the files that no remaining snapshot names and that are not young; return how many."""
    removed = 0
    for folder in _table_folders(lake):
        with turn(lake.root / "_locks" / folder.name), turn(lake.keep_lock):
            live = _live_files(lake, folder)
            for path in folder.rglob("*.parquet"):
                if path not in live and "_delta_log" not in path.parts and _is_older(path, now - young):
                    path.unlink(missing_ok=True)
                    removed += 1
    return removed


def _table_folders(lake: Lake) -> list[Path]:
    """The folders of all Delta tables: datasets and quarantines."""
    return sorted(
        path.parent for path in [*lake.root.glob("*/_delta_log"), *lake.root.glob("_quarantine/*/_delta_log")]
    )


def _live_files(lake: Lake, folder: Path) -> set[Path]:
    """The files of the newest version, published or not, and of every version that a remaining snapshot names."""
    table = Table(folder)
    versions: set[int | None] = {None}
    if folder.parent == lake.root:
        named = (snapshot.datasets.get(folder.name) for snapshot in lake.snapshots())
        versions |= {version.version for version in named if version}
    states = (table.state(version) for version in versions)
    return {folder / file.path for state in states if state for file in state.files}


def _is_older(path: Path, limit: datetime) -> bool:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) < limit
