"""Publishing: making a committed version of a dataset part of the newest snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
from sqlglot import exp

from sightline.definitions.schema.dataset import Dataset
from sightline.lake import sql
from sightline.lake.files import facts_of
from sightline.lake.snapshot import DatasetVersion, Snapshot
from sightline.lake.staging import staging
from sightline.lake.store import Lake
from sightline.lake.table import State


def publish(
    lake: Lake, dataset: Dataset, state: State, *, now: datetime, scratch: duckdb.DuckDBPyConnection
) -> Snapshot:
    """Return the snapshot that contains the committed version. One that is published already stays as it is."""
    folder = lake.folder(dataset.name)
    facts = facts_of(folder, state.files)
    version = DatasetVersion(
        version=state.version,
        rows=sum(file.rows for file in state.files),
        data_through=_data_through(dataset, folder, state, facts.zone, scratch),
        loaded_at=now,
        zone=facts.zone,
        columns=facts.columns,
        evolved=facts.evolved,
    )

    def bump(newest: Snapshot) -> Mapping[str, DatasetVersion]:
        current = newest.datasets.get(dataset.name)
        if current and current.version >= version.version:  # never back: a later commit contains this one
            return newest.datasets
        return {**newest.datasets, dataset.name: version}

    return lake.log.publish(bump, now=now)


def publish_newest(lake: Lake, dataset: Dataset, *, now: datetime) -> Snapshot:
    """Return the snapshot that contains the newest commit: finishes what was killed between commit and publication."""
    state, published = lake.table(dataset.name).state(), lake.snapshot().datasets.get(dataset.name)
    if state is None or (published is not None and state.version <= published.version):
        return lake.snapshot()
    with staging(lake, f"publish-{dataset.name}", memory="128MB") as scratch:
        return publish(lake, dataset, state, now=now, scratch=scratch)


def _data_through(
    dataset: Dataset, folder: Path, state: State, zone: str, scratch: duckdb.DuckDBPyConnection
) -> datetime | None:
    """Return the newest moment of the time column; a date counts from its first moment in the zone."""
    if dataset.time is None or dataset.time not in state.layout.fields.names:
        return None
    bindings = sql.Bindings()
    files = [str(folder / file.path) for file in state.files if _may_be_newest(file.partition, state)]
    newest = exp.Max(this=sql.column(dataset.time))
    statement = exp.select(newest).from_(sql.scan(files, bindings))
    if dataset.time not in facts_of(folder, state.files).columns:
        return None
    # through Arrow: DuckDB's own Python conversion of moments needs pytz
    found = sql.run(scratch, statement, bindings).to_arrow_table().column(0)[0].as_py()
    return None if found is None else as_moment(found, zone)


def _may_be_newest(partition: str | None, state: State) -> bool:
    """Return whether a file can hold the newest row: with partitions by time only those of the last one can."""
    if state.layout.partition is None:
        return True
    partitions = {file.partition for file in state.files if file.rows and file.partition != "none"}
    return partition == max(partitions, default="none", key=str)


def as_moment(value: object, zone: str) -> datetime:
    """Return a stored time as a moment in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), ZoneInfo(zone)).astimezone(UTC)
    raise TypeError(f"not a time: {value!r} ({pa.scalar(value).type})")
