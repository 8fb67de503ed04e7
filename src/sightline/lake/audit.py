"""Auditing a batch: every check of its dataset in one statement.

Reads the relation `incoming` of the scratch database (the declared columns a source provides, `_row`, and `_bad_…`) and
leaves the table `broken` (`_row`, `rule`) and the view `accepted`: the rows that no quarantining rule rejects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import duckdb
from sqlglot import exp

from sightline.definitions.schema.dataset import Dataset
from sightline.errors import UserError
from sightline.lake import sql
from sightline.lake.commit import Load
from sightline.lake.merge import Base
from sightline.lake.rows import keys_equal
from sightline.lake.rules import BAD_PREFIX, MALFORMED, Facing, Reference, Rule, must_hold, required_columns, rules_of
from sightline.lake.schema import SQL_TYPES


class MissingColumns(UserError):
    """A source without a column that no row can do without."""

    code = "SL-E205"


@dataclass(frozen=True)
class Reason:
    """Why rows were held back or remarked on: the words, how many rows, and the value of the first of them."""

    kind: str
    columns: tuple[str, ...]
    text: str
    count: int
    example: str
    severity: Literal["quarantine", "warn"]


@dataclass(frozen=True)
class Verdict:
    """What the audit of a batch found. `rules` are numbered as in the table `broken`."""

    received: int
    accepted: int
    rules: tuple[Rule, ...]
    reasons: tuple[Reason, ...]

    @property
    def rejected(self) -> int:
        return self.received - self.accepted


def audit(scratch: duckdb.DuckDBPyConnection, load: Load, base: Base, references: Mapping[str, Reference]) -> Verdict:
    """Return what is wrong with `incoming`, seen from the base version."""
    dataset, bindings = load.dataset, sql.Bindings()
    provided = frozenset(name for (name, *_) in scratch.execute("DESCRIBE incoming").fetchall())
    _require(dataset, provided)
    published = frozenset(base.facts.columns) if any(file.rows for file in base.state.files) else frozenset()
    sql.run(
        scratch, exp.Create(this=exp.to_table("whole"), kind="VIEW", replace=True, expression=_whole(dataset, provided))
    )
    facing = Facing(load.origin.loaded_at, load.origin.zone, provided, published, references, bindings)
    rules = rules_of(dataset, facing)
    if load.excused:
        rules = tuple(rule if must_hold(rule, dataset) else replace(rule, severity="warn") for rule in rules)
    scratch.execute("CREATE OR REPLACE TEMP TABLE broken (_row BIGINT, rule INTEGER)")
    query = _verdicts(dataset, rules, base, load.origin.run, bindings)
    sql.run(scratch, exp.insert(query, "broken"), bindings)
    _accept(scratch, rules, provided)
    received, accepted = _one(scratch, "SELECT (SELECT count(*) FROM incoming), (SELECT count(*) FROM accepted)")
    return Verdict(received, accepted, rules, _reasons(scratch, rules))


def _one(scratch: duckdb.DuckDBPyConnection, statement: str) -> tuple[int, ...]:
    return scratch.execute(statement).fetchone() or ()


def _require(dataset: Dataset, provided: frozenset[str]) -> None:
    missing = [name for name in required_columns(dataset) if name not in provided]
    if missing:
        names = ", ".join(f'"{name}"' for name in missing)
        raise MissingColumns(f'dataset "{dataset.name}" needs {names}, which the rows do not have')


def _verdicts(dataset: Dataset, rules: Sequence[Rule], base: Base, run: str, bindings: sql.Bindings) -> exp.Expr:
    """The whole audit: row rules over every row, then set rules over the rows that row rules leave."""
    alone = [(number, rule) for number, rule in enumerate(rules) if rule.window is None]
    together = [(number, rule) for number, rule in enumerate(rules) if rule.window is not None]
    judged = (
        exp.select(*_compared_columns(together))
        .from_("whole AS i")
        .select(*[_flag(number, rule) for number, rule in alone])
    )
    fatal = [f"i.f{number}" for number, rule in alone if rule.severity == "quarantine"]
    sound = exp.select("*").from_("judged AS i").where(exp.not_(exp.or_(*fatal)) if fatal else exp.true())
    ranked = exp.select("*").from_("sound AS i")
    for _, rule in together:
        name, window = rule.window or ("", exp.null())
        ranked = ranked.select(exp.alias_(window, name, quoted=True))
    compared = exp.select("*").from_("ranked AS i").select(*[_flag(number, rule) for number, rule in together])
    query = exp.union(_broken("judged", alone), _broken("compared", together), distinct=False)
    if base.state.files:
        query = query.with_("published", as_=_published(dataset, base, run, bindings), materialized=False)
        query = query.with_("remaining", as_=_remaining(dataset), materialized=False)
    for name, part in (("judged", judged), ("sound", sound), ("ranked", ranked), ("compared", compared)):
        query = query.with_(name, as_=part)
    return query


def _compared_columns(together: Sequence[tuple[int, Rule]]) -> list[exp.Expr]:
    """What set rules read: only these columns are carried through the stages of the audit."""
    trees = [tree for _, rule in together for tree in (rule.broken, rule.window[1] if rule.window else exp.null())]
    windows = {rule.window[0] for _, rule in together if rule.window}
    read = {column.name for tree in trees for column in tree.find_all(exp.Column) if column.table == "i"}
    return [sql.column(name, "i") for name in sorted(read - windows | {"_row"})]


def _whole(dataset: Dataset, provided: frozenset[str]) -> exp.Select:
    """Every declared column of each row; one that the source lacks is empty."""
    lacking = [
        exp.alias_(sql.cast(exp.null(), SQL_TYPES[column.type]), name, quoted=True)
        for name, column in dataset.columns.items()
        if name not in provided
    ]
    return exp.select("*", *lacking).from_("incoming")


def _flag(number: int, rule: Rule) -> exp.Expr:
    return exp.alias_(exp.Coalesce(this=exp.paren(rule.broken), expressions=[exp.false()]), f"f{number}")


def _broken(relation: str, rules: Sequence[tuple[int, Rule]]) -> exp.Select:
    """One row per rule that a row breaks."""
    if not rules:
        return exp.select("0::BIGINT AS _row", "0 AS rule").where(exp.false())
    numbers = [f"CASE WHEN f{number} THEN {number} END" for number, _ in rules]
    broken = exp.select("_row", f"unnest([{', '.join(numbers)}]) AS rule").from_(relation)
    broken = broken.where(exp.or_(*[f"f{number}" for number, _ in rules]))
    return exp.select("_row", "rule").from_(broken.subquery(f"{relation}_rules")).where("rule IS NOT NULL")


def _published(dataset: Dataset, base: Base, run: str, bindings: sql.Bindings) -> exp.Select:
    """The rows of the base version; without a key those of other runs, as this run may have been here before."""
    rows = exp.select("*").from_(sql.scan(base.paths(), bindings, "e"))
    if dataset.key_columns:
        return rows
    return rows.where(exp.NEQ(this=sql.column("_run", "e"), expression=bindings.value(run)))


def _remaining(dataset: Dataset) -> exp.Select:
    """The published rows that this batch does not replace."""
    rows = exp.select("*").from_("published AS e")
    if not dataset.key_columns:
        return rows
    incoming = exp.select("1").from_("incoming AS n").where(keys_equal(dataset.key_columns, "n", "e"))
    return rows.where(exp.Not(this=exp.Exists(this=incoming)))


def _accept(scratch: duckdb.DuckDBPyConnection, rules: Sequence[Rule], provided: frozenset[str]) -> None:
    fatal = [number for number, rule in enumerate(rules) if rule.severity == "quarantine"]
    columns = [
        sql.column(name, "i") for name in sorted(provided) if not name.startswith(BAD_PREFIX) and name != MALFORMED
    ]
    held = exp.select("1").from_("broken AS b").where("b._row = i._row")
    held = held.where(exp.column("rule", table="b").isin(*fatal)) if fatal else held.where(exp.false())
    query = exp.select(*columns).from_("incoming AS i").where(exp.Not(this=exp.Exists(this=held)))
    scratch.execute(f"CREATE OR REPLACE TEMP VIEW accepted AS {query.sql(dialect=sql.DIALECT)}")


def _reasons(scratch: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> tuple[Reason, ...]:
    """The rules that were broken, most often first, with the value in the first row that broke each."""
    counted = scratch.execute(
        "SELECT rule, count(*), min(_row) FROM broken GROUP BY rule ORDER BY 2 DESC, 1"
    ).fetchall()
    reasons = []
    for number, count, row in counted:
        rule = rules[number]
        bindings = sql.Bindings()
        query = exp.select(offending_value(rule)).from_("whole AS i")
        query = query.where(exp.EQ(this=sql.column("_row", "i"), expression=bindings.value(row)))
        found = sql.run(scratch, query, bindings).fetchone()
        example = str(found[0]) if found and found[0] is not None else ""
        reasons.append(Reason(rule.kind, rule.columns, rule.reason, count, example, rule.severity))
    return tuple(reasons)


def offending_value(rule: Rule) -> exp.Expr:
    """Return the text of the values that a rule is about."""
    names = [BAD_PREFIX + name for name in rule.columns] if rule.kind == "type" else list(rule.columns)
    texts = [sql.cast(sql.column(name, "i"), "VARCHAR") for name in names]
    if len(texts) == 1:
        return texts[0]
    return exp.Anonymous(this="concat_ws", expressions=[exp.Literal.string(" · "), *texts])
