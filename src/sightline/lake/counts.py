"""How many rows there are of each day: what is published, and what is held in quarantine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
from sqlglot import exp

from sightline.definitions.schema.dataset import Dataset
from sightline.lake import sql
from sightline.lake.quarantine import HELD
from sightline.lake.relation import DAY_SUFFIX
from sightline.lake.snapshot import Snapshot
from sightline.lake.staging import staging
from sightline.lake.store import Lake


@dataclass(frozen=True)
class DayCounts:
    """Rows by UTC day: all that are published, those last written by certain runs, and those these runs held back."""

    published: Mapping[date, int]
    own: Mapping[date, int]
    held: Mapping[date, int]


def count_by_day(
    lake: Lake,
    dataset: Dataset,
    snapshot: Snapshot,
    *,
    column: str,
    source_column: str,
    days: Sequence[date],
    run_prefix: str,
    run: str,
) -> DayCounts:
    """Return the rows of a dataset on some UTC days of a column, published in a snapshot and held.

    `run_prefix`: how the ids of the runs in question begin. Held rows have no columns yet: they are counted by
    `source_column` of their record. `run` names the scratch folder.
    """
    if not days:
        return DayCounts({}, {}, {})
    relation = lake.relation(dataset.name, snapshot)
    with staging(lake, f"{run}-count-{dataset.name}", memory="256MB") as scratch:
        published: Mapping[date, int] = {}
        own: Mapping[date, int] = {}
        if relation is not None and relation.files and column in relation.columns:
            published = _published(scratch, relation.files, dataset, column, days, None)
            own = _published(scratch, relation.files, dataset, column, days, run_prefix)
        return DayCounts(published, own, _held(scratch, lake, dataset, source_column, days, run_prefix))


def _published(
    scratch: duckdb.DuckDBPyConnection,
    files: Sequence[str],
    dataset: Dataset,
    column: str,
    days: Sequence[date],
    run_prefix: str | None,
) -> Mapping[date, int]:
    bindings = sql.Bindings()
    moment: exp.Expr = sql.column(column)
    if dataset.columns[column].type == "timestamp":
        moment = sql.local_day(moment, exp.Literal.string("UTC"))
    rows = exp.select(exp.alias_(moment, "day")).from_(sql.scan(files, bindings))
    if run_prefix is not None:
        rows = rows.where(_starts_with("_run", run_prefix, bindings))
    return _counted(scratch, rows, days, bindings)


def _held(
    scratch: duckdb.DuckDBPyConnection,
    lake: Lake,
    dataset: Dataset,
    source_column: str,
    days: Sequence[date],
    run_prefix: str,
) -> Mapping[date, int]:
    table = lake.quarantine(dataset.name)
    state = table.state()
    if state is None or not state.files:
        return {}
    bindings = sql.Bindings()
    files = [str(table.folder / file.path) for file in state.files]
    path = bindings.value("$." + '"' + source_column.replace('"', "") + '"')
    text = exp.Anonymous(this="json_extract_string", expressions=[sql.column("record"), path])
    moment = sql.local_day(sql.try_cast(text, "TIMESTAMPTZ"), exp.Literal.string("UTC"))
    rows = exp.select(exp.alias_(moment, "day")).from_(sql.scan(files, bindings))
    rows = rows.where(exp.EQ(this=sql.column("state"), expression=bindings.value(HELD)))
    rows = rows.where(_starts_with("run", run_prefix, bindings))
    return _counted(scratch, rows, days, bindings)


def _starts_with(column: str, prefix: str, bindings: sql.Bindings) -> exp.Expr:
    return exp.StartsWith(this=sql.column(column), expression=bindings.value(prefix))


def _counted(
    scratch: duckdb.DuckDBPyConnection, rows: exp.Select, days: Sequence[date], bindings: sql.Bindings
) -> Mapping[date, int]:
    wanted = set(days)
    first, last = bindings.value(min(days)), bindings.value(max(days) + timedelta(days=1))
    query = exp.select("day", "count(*)").from_(rows.subquery("days")).group_by("day")
    query = query.where(
        exp.GTE(this=exp.column("day"), expression=first), exp.LT(this=exp.column("day"), expression=last)
    )
    return {day: count for day, count in sql.run(scratch, query, bindings).fetchall() if day in wanted}


def rows_by_local_day(
    lake: Lake, dataset: Dataset, snapshot: Snapshot, *, since: date, until: date, run: str
) -> Mapping[date, int]:
    """Return the published rows of each local day of the dataset's time, from `since` up to before `until`."""
    relation, time = lake.relation(dataset.name, snapshot), dataset.time
    if relation is None or not relation.files or time is None or since >= until:
        return {}
    day = time + DAY_SUFFIX if dataset.columns[time].type == "timestamp" else time
    if day not in relation.columns:
        return {}
    bindings = sql.Bindings()
    rows = exp.select(exp.alias_(sql.column(day), "day")).from_(sql.scan(relation.files, bindings))
    days = [since + timedelta(days=back) for back in range((until - since).days)]
    with staging(lake, f"{run}-days-{dataset.name}", memory="256MB") as scratch:
        return _counted(scratch, rows, days, bindings)
