"""Simple metrics: all that share a dataset and a time column are aggregated in one scan."""

from __future__ import annotations

from sqlglot import exp

from sightline.definitions.schema.metric import Simple
from sightline.metrics.compile.arm import UNDATED, Arm, counted, filed, grouped, held, keys_of, undated
from sightline.metrics.compile.currency import currency_of, kinds_of
from sightline.metrics.compile.exchange import rated
from sightline.metrics.compile.frame import Frame
from sightline.metrics.compile.statement import Statement, alias_of
from sightline.metrics.plan import Plan, Span


def simple_arm(statement: Statement, plan: Plan, span: Span, leaves: list[tuple[str, Simple]]) -> Arm:
    """Return one aggregate that delivers value and number of observations of every leaf."""
    first = leaves[0][1]
    frame = Frame(statement, first.dataset)
    keys = keys_of(frame, plan, first.time)
    conditions = [*frame.within(span.period, first.time), *frame.filters(plan.filters, plan.where)]
    shared = {leaf.where for _, leaf in leaves}
    common = shared.pop() if len(shared) == 1 else None
    if common:
        conditions += [each for each in [frame.condition(common)] if each is not None]
    columns: list[tuple[str, exp.Expr]] = []
    for name, leaf in leaves:
        where = None if common else leaf.where
        columns += _columns(frame, name + span.suffix, leaf, where)
        lost = undated(span, frame.day(leaf.time), frame.condition(where))
        columns += [(f"{name}{span.suffix}{UNDATED}", lost)] if lost is not None else []
    query = frame.select([alias_of(each, name) for name, each in (*keys, *columns)], conditions)
    query = grouped(query, plan.names)
    if plan.names and not common and any(leaf.where for _, leaf in leaves):
        query.set("having", exp.Having(this=_any_row(frame, leaves)))
    names = tuple(name for name, _ in columns)
    return Arm(filed(query, plan, span, names, statement), names)


def _any_row(frame: Frame, leaves: list[tuple[str, Simple]]) -> exp.Expr:
    """A group exists when some metric has a row in it, not because the dataset does."""
    total: exp.Expr | None = None
    for _, leaf in leaves:
        one = counted(frame.condition(leaf.where))
        total = one if total is None else exp.Add(this=total, expression=one)
    return exp.GT(this=total, expression=exp.Literal.number(0))


def _columns(frame: Frame, name: str, leaf: Simple, where: str | None) -> list[tuple[str, exp.Expr]]:
    condition = frame.condition(where)
    value = held(aggregate(frame, leaf), condition)
    observed = held(_observations(frame, leaf), frame.condition(where))
    found = [(name, value), (f"{name}__n", observed)]
    currency = currency_of(leaf, frame.statement.catalog)
    if currency is not None:
        found.append((f"{name}__currencies", held(kinds_of(frame.own(currency)), frame.condition(where))))
    converted = rated(frame, leaf)
    return found + (converted.left_out(name, frame.condition(where)) if converted else [])


def value_of(frame: Frame, leaf: Simple) -> exp.Expr | None:
    """Return what is aggregated: a column, an expression, or None for plain rows."""
    converted = rated(frame, leaf)
    if converted is not None:
        return converted.value()
    stored = leaf.agg in ("count", "count_distinct")
    if leaf.expression:
        return frame.expression(leaf.expression, stored=stored)
    if not leaf.column:
        return None
    return frame.stored(leaf.column) if stored else frame.shown(leaf.column)


def aggregate(frame: Frame, leaf: Simple) -> exp.Expr:
    """Return the aggregate of a simple metric."""
    return aggregate_of(frame.statement, leaf, value_of(frame, leaf))


def aggregate_of(statement: Statement, leaf: Simple, value: exp.Expr | None) -> exp.Expr:
    """Return the aggregate of a simple metric over these values."""
    if value is None or leaf.agg == "count":
        return exp.Count(this=value or exp.Star())
    if leaf.agg == "count_distinct":
        return exp.Count(this=exp.Distinct(expressions=[value]))
    if leaf.agg in ("median", "percentile"):
        fraction = leaf.percentile if leaf.agg == "percentile" and leaf.percentile is not None else 0.5
        return statement.functions.quantile(value, statement.bind(fraction))
    kinds: dict[str, type[exp.Expr]] = {"sum": exp.Sum, "min": exp.Min, "max": exp.Max, "avg": exp.Avg}
    return kinds[leaf.agg](this=value)


def _observations(frame: Frame, leaf: Simple) -> exp.Expr:
    value = value_of(frame, leaf)
    return exp.Count(this=value if value is not None else exp.Star())
