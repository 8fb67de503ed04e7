"""What came in on which day: rows that were written, and rows that were held back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
from sqlglot import exp

from sightline.definitions.schema.dataset import Dataset
from sightline.lake import sql
from sightline.lake.publish import as_moment
from sightline.lake.snapshot import Snapshot
from sightline.lake.staging import staging
from sightline.lake.store import Lake


@dataclass(frozen=True)
class Arrival:
    """Rows of one day that one kind of run wrote last. `newest` is the newest time they tell, None without one.

    `fields` are their cells in declared columns, `filled` those with a value.
    """

    rows: int
    fields: int
    filled: int
    newest: datetime | None
    loaded_at: datetime


Way = tuple[date, str]
"""A local day, and how the ids of the runs begin."""


@dataclass(frozen=True)
class Arrived:
    """What came into one dataset by day and way."""

    loaded: Mapping[Way, Arrival]
    held: Mapping[Way, int]


def arrived(
    lake: Lake, dataset: Dataset, snapshot: Snapshot, *, zone: str, since: date | None, replays: str, run: str
) -> Arrived:
    """Return what came in from a local day on, None for ever.

    The way is a run's id up to its second hyphen when it begins with `sync-`, else up to its first. What stands before
    `replays` in an id is left out: the rest is who brought a row first. Rows held again by a replay were held before.
    `run` names the scratch folder.
    """
    relation, state = lake.relation(dataset.name, snapshot), lake.quarantine(dataset.name).state()
    with staging(lake, f"{run}-arrived-{dataset.name}", memory="256MB") as scratch:
        loaded: Mapping[Way, Arrival] = {}
        if relation is not None and relation.files:
            loaded = _loaded(scratch, relation.files, dataset, relation.columns, zone, since, replays)
        held: Mapping[Way, int] = {}
        if state is not None and state.files:
            files = [str(lake.quarantine(dataset.name).folder / file.path) for file in state.files]
            held = _held(scratch, files, zone, since, replays)
        return Arrived(loaded, held)


def _loaded(
    scratch: duckdb.DuckDBPyConnection,
    files: Sequence[str],
    dataset: Dataset,
    held: frozenset[str],
    zone: str,
    since: date | None,
    replays: str,
) -> Mapping[Way, Arrival]:
    bindings = sql.Bindings()
    day = sql.local_day(sql.column("_loaded_at"), bindings.value(zone))
    columns = [name for name in dataset.columns if name in held]
    filled = [exp.Count(this=sql.column(name)) for name in columns]
    newest: exp.Expr = (
        exp.Max(this=sql.column(dataset.time)) if dataset.time in columns and dataset.time else exp.null()
    )
    query = exp.select(
        exp.alias_(day, "day"),
        exp.alias_(_way("_run", replays, bindings), "way"),
        exp.alias_(exp.Count(this=exp.Star()), "rows"),
        exp.alias_(_sum(filled), "filled"),
        exp.alias_(newest, "newest"),
        exp.alias_(exp.Max(this=sql.column("_loaded_at")), "loaded_at"),
    ).from_(sql.scan(files, bindings))
    rows = _grouped(scratch, query, day, since, bindings)
    return {
        (row["day"], row["way"]): Arrival(
            rows=row["rows"],
            fields=row["rows"] * len(dataset.columns),
            filled=row["filled"],
            newest=as_moment(row["newest"], zone) if row["newest"] is not None else None,
            loaded_at=row["loaded_at"],
        )
        for row in rows
    }


def _held(
    scratch: duckdb.DuckDBPyConnection, files: Sequence[str], zone: str, since: date | None, replays: str
) -> Mapping[Way, int]:
    bindings = sql.Bindings()
    day = sql.local_day(sql.column("at"), bindings.value(zone))
    query = exp.select(
        exp.alias_(day, "day"),
        exp.alias_(_way("run", replays, bindings), "way"),
        exp.alias_(exp.Count(this=exp.Star()), "rows"),
    ).from_(sql.scan(files, bindings))
    first = exp.Not(this=exp.func("contains", sql.column("run"), bindings.value(replays), dialect=sql.DIALECT))
    return {
        (row["day"], row["way"]): row["rows"] for row in _grouped(scratch, query.where(first), day, since, bindings)
    }


def _grouped(
    scratch: duckdb.DuckDBPyConnection, query: exp.Select, day: exp.Expr, since: date | None, bindings: sql.Bindings
) -> list[dict[str, Any]]:
    if since is not None:
        query = query.where(exp.GTE(this=day.copy(), expression=bindings.value(since)))
    query = query.group_by("1", "2")
    return sql.run(scratch, query, bindings).to_arrow_table().to_pylist()  # type: ignore[no-any-return]  # Arrow is untyped


def _way(column: str, replays: str, bindings: sql.Bindings) -> exp.Expr:
    """Return how the id of the run that brought a row first begins."""

    def part(text: exp.Expr, at: str, number: int) -> exp.Expr:
        index = exp.Neg(this=exp.Literal.number(-number)) if number < 0 else exp.Literal.number(number)
        return exp.Anonymous(this="split_part", expressions=[text, bindings.value(at), index])

    root = part(sql.column(column), replays, -1)
    first, second = part(root, "-", 1), part(root.copy(), "-", 2)
    is_sync = exp.EQ(this=first, expression=exp.Literal.string("sync"))
    named = exp.func("concat", first.copy(), exp.Literal.string("-"), second)
    return exp.Case(ifs=[exp.If(this=is_sync, true=named)], default=first.copy())


def _sum(parts: Sequence[exp.Expr]) -> exp.Expr:
    total: exp.Expr = exp.Literal.number(0)
    for each in parts:
        total = exp.Add(this=total, expression=each)
    return total
