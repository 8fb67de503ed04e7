"""How fresh each dataset is, as far as the viewer may know: restricted viewers learn only of their own rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from sqlglot import exp

from sightline.definitions.durations import parse_duration
from sightline.definitions.policy import Viewer
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Dataset
from sightline.lake.snapshot import Snapshot
from sightline.metrics.compile.frame import Frame
from sightline.metrics.compile.statement import Statement, alias_of, statement_for
from sightline.metrics.result import SourceState
from sightline.metrics.warehouse import Warehouse


def freshness(
    datasets: Iterable[str], viewer: Viewer, *, warehouse: Warehouse, snapshot: Snapshot, now: datetime
) -> tuple[SourceState, ...]:
    """Return the state of each dataset. `rows` and `data_through` count only rows the viewer may see."""
    return tuple(_source(name, viewer, warehouse=warehouse, snapshot=snapshot, now=now) for name in datasets)


def _source(name: str, viewer: Viewer, *, warehouse: Warehouse, snapshot: Snapshot, now: datetime) -> SourceState:
    definition = warehouse.catalog.dataset(name)
    label = label_of(name, definition.label)
    version = snapshot.datasets.get(name)
    if version is None:
        return SourceState(name, label, 0, None, None, "empty")
    rows, through = version.rows, version.data_through
    if viewer.policy.rows_of(name) != "all":
        rows, through = _seen(definition, viewer, warehouse=warehouse, snapshot=snapshot)
    if rows == 0:
        return SourceState(name, label, 0, None, version.loaded_at, "empty")
    return SourceState(
        name, label, rows, through, version.loaded_at, _state(definition, through or version.loaded_at, now)
    )


def _state(definition: Dataset, newest: datetime, now: datetime) -> Literal["fresh", "late", "stale"]:
    if definition.freshness is None:
        return "fresh"
    age = now - newest
    if age > parse_duration(definition.freshness.error).approximate:
        return "stale"
    return "late" if age > parse_duration(definition.freshness.warn).approximate else "fresh"


def _seen(
    definition: Dataset, viewer: Viewer, *, warehouse: Warehouse, snapshot: Snapshot
) -> tuple[int, datetime | None]:
    """Return number and newest time of the rows the viewer may see."""
    key = (
        "seen",
        definition.name,
        viewer.policy.digest,
        warehouse.catalog.digest,
        snapshot.versions((*warehouse.catalog.datasets,)),
    )
    known: tuple[int, datetime | None] | None = warehouse.cache.get(key)
    if known is None:
        known = _count(definition, statement_for(viewer, warehouse=warehouse, snapshot=snapshot), warehouse)
        warehouse.cache.put(key, known, size=200)
    return known


def _count(definition: Dataset, statement: Statement, warehouse: Warehouse) -> tuple[int, datetime | None]:
    frame = Frame(statement, definition.name)
    newest = frame.time(None)
    columns = [alias_of(exp.Count(this=exp.Star()), "rows")]
    columns += [alias_of(exp.Max(this=newest), "newest")] if newest is not None else []
    query = frame.select(columns, [])
    query.set("with_", exp.With(expressions=statement.scans()))
    sql = query.sql(dialect=warehouse.engine.capabilities.dialect, copy=False)
    record = warehouse.engine.run(sql, statement.bound(warehouse)).to_pylist()[0]
    return record["rows"], _moment(record.get("newest"), warehouse.catalog.settings.zone)


def _moment(value: datetime | date | None, zone: str) -> datetime | None:
    """Return a date as its local midnight."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
