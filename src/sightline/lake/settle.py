"""Dealing with held rows: reading chosen ones, and writing down what became of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb
from sqlglot import exp

from sightline.lake import sql
from sightline.lake.commit import ATTEMPTS, pause
from sightline.lake.files import ROWS_PER_GROUP, discard, write_files
from sightline.lake.quarantine import HELD, LAYOUT, HeldRow
from sightline.lake.staging import staging
from sightline.lake.store import Lake
from sightline.lake.table import Commit, CommitConflict, State, Table
from sightline.lake.turn import turn

RELEASED, DISCARDED, REPLAYED = "released", "discarded", "replayed"
"""What a held row becomes: published, thrown away, or tried again (and if need be held anew with a new reason)."""


@dataclass(frozen=True)
class RowId:
    """Which held row: the run that held it, and its number there."""

    run: str
    row: int


def chosen_rows(lake: Lake, dataset: str, ids: Collection[RowId], *, run: str) -> list[HeldRow]:
    """Return those of the chosen rows that are still held, by run and row. `run` names the scratch folder."""
    table = lake.quarantine(dataset)
    state = table.state()
    if state is None or not state.files or not ids:
        return []
    with staging(lake, f"{run}-chosen", memory="128MB") as scratch:
        _register(scratch, dict.fromkeys(ids, ""))
        bindings = sql.Bindings()
        query = exp.select(*[sql.column(name) for name in LAYOUT.fields.names]).from_(_scan(table, state, bindings))
        query = query.where(_is_chosen(bindings)).order_by('"run"', '"row"')
        rows = sql.run(scratch, query, bindings).to_arrow_table().to_pylist()
    return [HeldRow(**row) for row in rows]


def settled_rows(lake: Lake, dataset: str, ids: Collection[RowId], *, run: str) -> dict[RowId, str]:
    """Return what became of those of the chosen rows that are not held any more. `run` names the scratch folder."""
    table = lake.quarantine(dataset)
    state = table.state()
    if state is None or not state.files or not ids:
        return {}
    with staging(lake, f"{run}-settled", memory="128MB") as scratch:
        _register(scratch, dict.fromkeys(ids, ""))
        bindings = sql.Bindings()
        query = exp.select(*[sql.column(name, "e") for name in ("run", "row", "state")])
        query = query.from_(_scan(table, state, bindings)).where(exp.not_(_is_held(bindings)), _is_among())
        return {RowId(of, row): became for of, row, became in sql.run(scratch, query, bindings).fetchall()}


def settle_rows(lake: Lake, dataset: str, states: Mapping[RowId, str], *, run: str, now: datetime) -> int:
    """Return how many held rows got their state, in one commit. Rows that were dealt with before stay as they are."""
    table = lake.quarantine(dataset)
    for attempt in range(ATTEMPTS):
        with turn(lake.root / "_locks" / f"quarantine-{dataset}"):
            try:
                return _settle_once(lake, table, states, run, now)
            except CommitConflict:
                if attempt == ATTEMPTS - 1:
                    raise
        pause(attempt)
    raise AssertionError("unreachable")


def _settle_once(lake: Lake, table: Table, states: Mapping[RowId, str], run: str, now: datetime) -> int:
    before = table.state()
    if before is None or not before.files or not states:
        return 0
    with staging(lake, f"{run}-settle", memory="128MB") as scratch:
        _register(scratch, states)
        bindings = sql.Bindings()
        chosen = exp.select("filename", "count(*)").from_(_scan(table, before, bindings)).where(_is_chosen(bindings))
        counts = dict(sql.run(scratch, chosen.group_by("filename"), bindings).fetchall())
        stale = [file for file in before.files if str(table.folder / file.path) in counts]
        if not stale:
            return 0
        rows = sql.run(scratch, *_settled(table, State(before.version, before.layout, tuple(stale))))
        files = write_files(rows.to_arrow_reader(ROWS_PER_GROUP), folder=table.folder, layout=LAYOUT, zone="UTC")
    try:
        table.commit(before, Commit(files, stale), now_ms=int(now.timestamp() * 1000))
    except CommitConflict:
        discard(table.folder, files)
        raise
    return sum(counts.values())


def _settled(table: Table, state: State) -> tuple[exp.Select, sql.Bindings]:
    bindings = sql.Bindings()
    settled_as = exp.select("c.state").from_("chosen AS c").where(_is_same()).subquery()
    new = exp.Case().when(_is_chosen(bindings), settled_as).else_(sql.column("state", "e"))
    columns = [
        exp.alias_(new, name, quoted=True) if name == "state" else sql.column(name, "e") for name in LAYOUT.fields.names
    ]
    return exp.select(*columns).from_(_scan(table, state, bindings)), bindings


def _scan(table: Table, state: State, bindings: sql.Bindings) -> exp.Table:
    return sql.scan([str(table.folder / file.path) for file in state.files], bindings, "e")


def _register(scratch: duckdb.DuckDBPyConnection, states: Mapping[RowId, str]) -> None:
    """Make the relation `chosen` (run, row, state): what each row is to become."""
    scratch.execute("CREATE TEMP TABLE chosen (run VARCHAR, row BIGINT, state VARCHAR)")
    bindings = sql.Bindings()
    columns = ([each.run for each in states], [each.row for each in states], list(states.values()))
    unnested = [exp.Anonymous(this="unnest", expressions=[bindings.value(column)]) for column in columns]
    sql.run(scratch, exp.insert(exp.select(*unnested), "chosen"), bindings)


def _is_chosen(bindings: sql.Bindings) -> exp.Expr:
    return exp.and_(_is_held(bindings), _is_among())


def _is_held(bindings: sql.Bindings) -> exp.Expr:
    return exp.EQ(this=sql.column("state", "e"), expression=bindings.value(HELD))


def _is_among() -> exp.Expr:
    return exp.Exists(this=exp.select("1").from_("chosen AS c").where(_is_same()))


def _is_same() -> exp.Expr:
    return exp.and_(
        exp.EQ(this=sql.column("run", "c"), expression=sql.column("run", "e")),
        exp.EQ(this=sql.column("row", "c"), expression=sql.column("row", "e")),
    )
