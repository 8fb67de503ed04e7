"""Rows that were held back, with the reason and the record as it came: one Delta table per dataset.

Holding is idempotent: the rows of a run replace what the same run held before, so an import that was killed and started
again leaves each bad row once. Rows that people have dealt with (any state but `held`) stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa
from sqlglot import exp

from sightline.lake import sql
from sightline.lake.audit import Verdict, offending_value
from sightline.lake.commit import ATTEMPTS, Load, pause
from sightline.lake.files import ROWS_PER_GROUP, discard, write_files
from sightline.lake.rules import BAD_PREFIX, Rule
from sightline.lake.schema import Layout, sql_type
from sightline.lake.store import Lake
from sightline.lake.table import Commit, CommitConflict, DataFile, State, Table
from sightline.lake.turn import turn

LAYOUT = Layout(
    pa.schema(
        [
            pa.field("run", pa.string()),
            pa.field("row", pa.int64()),
            pa.field("at", pa.timestamp("us", "UTC")),
            pa.field("checks", pa.string()),
            pa.field("reasons", pa.string()),
            pa.field("columns", pa.string()),
            pa.field("value", pa.string()),
            pa.field("record", pa.string()),
            pa.field("state", pa.string()),
        ]
    )
)
HELD = "held"
MANY_FILES = 50


@dataclass(frozen=True)
class HeldRow:
    """A row in quarantine. `record` is the raw record as JSON; `checks`, `reasons` and `columns` are joined by `; `."""

    run: str
    row: int
    at: datetime
    checks: str
    reasons: str
    columns: str
    value: str
    record: str
    state: str


@dataclass(frozen=True)
class HeldFilter:
    """Which held rows: of one run, that broke one kind of check, with a text in a reason. Empty means any."""

    run: str | None = None
    check: str = ""
    search: str = ""
    row: int | None = None


@dataclass(frozen=True)
class HeldPage:
    """Some held rows, newest first, and how many there are in all."""

    rows: tuple[HeldRow, ...]
    total: int


def hold(scratch: duckdb.DuckDBPyConnection, load: Load, verdict: Verdict) -> int:
    """Put the rejected rows of `incoming` into quarantine and return how many there are.

    The record is taken from the relation `raw` (`_row`, `record`) when the source made one, else it is the row itself.
    """
    table = load.lake.quarantine(load.dataset.name)
    if not verdict.rejected and table.state() is None:
        return 0
    bindings = sql.Bindings()
    held = exp.Create(
        this=exp.to_table("held"), kind="TABLE", replace=True, expression=_held(scratch, load, verdict.rules, bindings)
    )
    sql.run(scratch, held, bindings)
    for attempt in range(ATTEMPTS):
        with turn(load.lake.root / "_locks" / f"quarantine-{load.dataset.name}"):
            try:
                _replace_run(scratch, table, load)
                return verdict.rejected
            except CommitConflict:
                if attempt == ATTEMPTS - 1:
                    raise
        pause(attempt)
    raise AssertionError("unreachable")


def _held(scratch: duckdb.DuckDBPyConnection, load: Load, rules: Sequence[Rule], bindings: sql.Bindings) -> exp.Select:
    """The rejected rows in the quarantine's layout."""
    judged = _judged(rules, bindings)
    source, record = _records(scratch)
    values: dict[str, exp.Expr] = {
        "run": bindings.value(load.origin.run),
        "row": sql.column("_row", "j"),
        "at": bindings.value(load.origin.loaded_at),
        "record": record,
        "state": bindings.value(HELD),
    }
    columns = [
        exp.alias_(
            sql.cast(values.get(field.name, sql.column(field.name, "j")), sql_type(field.type)), field.name, quoted=True
        )
        for field in LAYOUT.fields
    ]
    return exp.select(*columns).from_(judged.subquery("j")).join(f"{source} AS r", on="r._row = j._row")


def _judged(rules: Sequence[Rule], bindings: sql.Bindings) -> exp.Select:
    """One row per rejected row, with what is wrong with it in the order of the rules."""
    fatal = [(number, rule) for number, rule in enumerate(rules) if rule.severity == "quarantine"]
    told: dict[str, Mapping[int, exp.Expr]] = {
        "checks": {number: bindings.value(rule.kind) for number, rule in fatal},
        "reasons": {number: bindings.value(rule.reason) for number, rule in fatal},
        "columns": {number: bindings.value(", ".join(rule.columns)) for number, rule in fatal},
        "value": {number: offending_value(rule) for number, rule in fatal},
    }
    query = exp.select("b._row").from_("broken AS b").join("whole AS i", on="i._row = b._row").group_by("b._row")
    query = query.where(exp.column("rule", table="b").isin(*[number for number, _ in fatal]))
    for name, by_rule in told.items():
        case = exp.Case(this=exp.column("rule", table="b"))
        for number, value in by_rule.items():
            case = case.when(exp.Literal.number(number), value)
        joined = exp.GroupConcat(this=_in_rule_order(case), separator=exp.Literal.string("; "))
        query = query.select(exp.alias_(joined, name, quoted=True))
    return query


def _in_rule_order(case: exp.Case) -> exp.Order:
    return exp.Order(this=case, expressions=[exp.Ordered(this=exp.column("rule", table="b"), nulls_first=False)])


def _records(scratch: duckdb.DuckDBPyConnection) -> tuple[str, exp.Expr]:
    """The relation with the records as they came, and the JSON of one (alias `r`)."""
    if "raw" in {name for (name,) in scratch.execute("SHOW TABLES").fetchall()}:
        return "raw", sql.column("record", "r")
    columns = [name for (name, *_) in scratch.execute("DESCRIBE incoming").fetchall()]
    fields = [
        exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=sql.column(name, "r"))
        for name in columns
        if name != "_row" and not name.startswith(BAD_PREFIX)
    ]
    return "incoming", exp.Anonymous(this="to_json", expressions=[exp.Struct(expressions=fields)])


def _replace_run(scratch: duckdb.DuckDBPyConnection, table: Table, load: Load) -> None:
    """Commit `held` in place of what the same run held before."""
    state = table.state() or table.create(LAYOUT)
    stale = _files_of_run(scratch, table, state, load.origin.run)
    if len(state.files) >= MANY_FILES:  # one per run gathers, so now and then they are joined
        stale = list(state.files)
    if not stale and scratch.execute("SELECT 1 FROM held LIMIT 1").fetchone() is None:
        return
    bindings = sql.Bindings()
    rows: exp.Query = exp.select("*").from_("held")
    if stale:
        rows = _merged(table, stale, load.origin.run, bindings)
    found = sql.run(scratch, rows, bindings).to_arrow_reader(ROWS_PER_GROUP)
    files = write_files(found, folder=table.folder, layout=LAYOUT, zone="UTC")
    try:
        table.commit(
            state, Commit(files, stale, run=load.origin.run), now_ms=int(load.origin.loaded_at.timestamp() * 1000)
        )
    except CommitConflict:
        discard(table.folder, files)
        raise


def _merged(table: Table, stale: Sequence[DataFile], run: str, bindings: sql.Bindings) -> exp.Query:
    """The held rows and, of the files that hold the run already, what stays: other runs, and rows people dealt with."""
    names = [sql.column(name) for name in LAYOUT.fields.names]
    same_run = exp.EQ(this=sql.column("run"), expression=bindings.value(run))
    still_held = exp.EQ(this=sql.column("state"), expression=bindings.value(HELD))
    files = [str(table.folder / file.path) for file in stale]
    staying = exp.select(*names).from_(sql.scan(files, bindings)).where(exp.not_(exp.and_(same_run, still_held)))
    dealt_with = exp.select("1").from_("staying AS s").where("s.run = h.run AND s.row = h.row")
    new = exp.select("*").from_("held AS h").where(exp.not_(exp.Exists(this=dealt_with)))
    return exp.union(new, exp.select("*").from_("staying"), distinct=False).with_("staying", as_=staying)


def _files_of_run(scratch: duckdb.DuckDBPyConnection, table: Table, state: State, run: str) -> list[DataFile]:
    if not state.files:
        return []
    bindings = sql.Bindings()
    query = exp.select("filename").distinct().from_(sql.scan(_paths(table, state), bindings))
    query = query.where(exp.EQ(this=sql.column("run"), expression=bindings.value(run)))
    paths = {path for (path,) in sql.run(scratch, query, bindings).fetchall()}
    return [file for file in state.files if str(table.folder / file.path) in paths]


def _paths(table: Table, state: State) -> list[str]:
    return [str(table.folder / file.path) for file in state.files]


def browse(
    lake: Lake,
    dataset: str,
    scratch: duckdb.DuckDBPyConnection,
    *,
    run: str | None = None,
    page: int,
    page_size: int,
    wanted: HeldFilter | None = None,
) -> HeldPage:
    """Return one page (from 1) of the rows in quarantine, of one run or of all, or of those that are wanted."""
    table = lake.quarantine(dataset)
    state = table.state()
    if state is None or not state.files:
        return HeldPage((), 0)
    bindings = sql.Bindings()
    rows = exp.select(*[sql.column(name) for name in LAYOUT.fields.names]).from_(
        sql.scan(_paths(table, state), bindings)
    )
    rows = rows.where(_matches(wanted or HeldFilter(run=run), bindings))
    total = sql.run(scratch, exp.select("count(*)").from_(rows.subquery("held_rows")), bindings).fetchone()
    ordered = rows.order_by('"at" DESC, "run", "row"').limit(page_size).offset((page - 1) * page_size)
    found = sql.run(scratch, ordered, bindings).to_arrow_table().to_pylist()
    return HeldPage(tuple(HeldRow(**row) for row in found), total[0] if total else 0)


def _matches(wanted: HeldFilter, bindings: sql.Bindings) -> exp.Expr:
    """The condition for rows that are still held and pass the filter."""

    def is_value(name: str, value: object) -> exp.Expr:
        return exp.EQ(this=sql.column(name), expression=bindings.value(value))

    found = [is_value("state", HELD)]
    if wanted.run is not None:
        found.append(is_value("run", wanted.run))
    if wanted.row is not None:
        found.append(is_value("row", wanted.row))
    if wanted.check:
        kinds = exp.Anonymous(this="string_split", expressions=[sql.column("checks"), exp.Literal.string("; ")])
        found.append(exp.Anonymous(this="list_contains", expressions=[kinds, bindings.value(wanted.check)]))
    if wanted.search:
        lowered = exp.Anonymous(this="lower", expressions=[sql.column("reasons")])
        found.append(exp.Anonymous(this="contains", expressions=[lowered, bindings.value(wanted.search.lower())]))
    return exp.and_(*found)
