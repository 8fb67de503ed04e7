"""What is computed from the leaves: conversions, ratios and derived metrics, with every division guarded."""

from __future__ import annotations

from sqlglot import exp

from sightline.definitions.catalog import Catalog
from sightline.definitions.expressions import parse_expression, replace_leaves
from sightline.definitions.schema.metric import (
    Conversion,
    Cumulative,
    Derived,
    Metric,
    Movement,
    Ratio,
    Retention,
    Score,
    Simple,
)
from sightline.metrics.compile.currency import currency_of, exchange_of
from sightline.metrics.compile.exchange import UNRATED
from sightline.metrics.compile.statement import Statement, column_of
from sightline.metrics.hidden import is_hidden
from sightline.metrics.parts import BACK, KNOWN, parts_of, with_n
from sightline.metrics.plan import LEAVES, simple_of

VALUES = "v"
DIFFERENCE_UNITS = frozenset({"percent"})


def zero_when_empty(metric: Metric, catalog: Catalog) -> bool:
    """Whether no rows mean zero: nothing was sold is a number, nothing was measured is not."""
    if isinstance(metric, Cumulative):
        return zero_when_empty(simple_of(metric, catalog), catalog)
    if isinstance(metric, Movement):
        return True
    if not isinstance(metric, Simple):
        return False
    return metric.empty == "zero" if metric.empty else metric.agg in ("sum", "count", "count_distinct")


def value(statement: Statement, name: str, suffix: str, reached: frozenset[str]) -> exp.Expr:
    """Return the metric over the combined leaf columns; missing where the time it looks back to is not `reached`.

    What the viewer's role shows nothing of is missing too.
    """
    metric = statement.catalog.metric(name)
    if suffix not in reached or is_hidden(name, statement):
        return exp.Cast(this=exp.Null(), to=exp.DataType.build("double"))
    if isinstance(metric, Ratio):
        parts = (metric.numerator, metric.denominator)
        return guarded(*(value(statement, part, suffix, reached) for part in parts))
    if isinstance(metric, (Derived, Score)):
        return _computed(statement, metric, suffix, reached)
    figure = _figure(statement, name, metric, suffix)
    if BACK not in suffix:
        return figure
    return exp.Case(ifs=[exp.If(this=column_of(VALUES, f"{name}{suffix}{KNOWN}"), true=figure)])


def _figure(statement: Statement, name: str, metric: Metric, suffix: str) -> exp.Expr:
    if isinstance(metric, Conversion):
        reached = column_of(VALUES, f"{name}{suffix}__converted")
        if metric.show == "count":
            return exp.func("coalesce", reached, exp.Literal.number(0))
        return guarded(reached, column_of(VALUES, f"{name}{suffix}__n"))
    if isinstance(metric, Retention):
        active = column_of(VALUES, f"{name}{suffix}__active")
        return active if metric.show == "count" else guarded(active, column_of(VALUES, f"{name}{suffix}__n"))
    return _leaf(statement, name, metric, suffix)


def _leaf(statement: Statement, name: str, metric: Metric, suffix: str) -> exp.Expr:
    column: exp.Expr = column_of(VALUES, name + suffix)
    if zero_when_empty(metric, statement.catalog):
        column = exp.func("coalesce", column, exp.Literal.number(0))
    if exchange_of(metric, statement.catalog) is not None:
        return _known(column, f"{name}{suffix}")
    if currency_of(metric, statement.catalog) is not None:
        kinds = column_of(VALUES, f"{name}{suffix}__currencies")
        mixed = exp.GT(this=kinds, expression=exp.Literal.number(1))
        return exp.Case(ifs=[exp.If(this=mixed, true=exp.Null())], default=column)
    return column


def _known(figure: exp.Expr, name: str) -> exp.Expr:
    """Return the figure, missing where no row had a rate: what cannot be converted is not nothing."""
    nothing = exp.EQ(this=column_of(VALUES, f"{name}__n"), expression=exp.Literal.number(0))
    unrated = exp.GT(this=column_of(VALUES, name + UNRATED), expression=exp.Literal.number(0))
    return exp.Case(ifs=[exp.If(this=exp.And(this=nothing, expression=unrated), true=exp.Null())], default=figure)


def _computed(statement: Statement, metric: Derived | Score, suffix: str, reached: frozenset[str]) -> exp.Expr:
    parts = {part.name: part for part in parts_of(metric)}

    def column(name: str) -> exp.Expr:
        part = parts[name]
        return exp.Paren(this=value(statement, part.metric, suffix + part.suffix, reached))

    tree = replace_leaves(parse_expression(metric.formula), column=column, value=statement.bind)
    return exp.Paren(this=tree)


def guarded(numerator: exp.Expr, denominator: exp.Expr) -> exp.Expr:
    """Return the quotient as a real number, missing when the denominator is zero."""
    bottom = exp.Nullif(this=denominator, expression=exp.Literal.number(0))
    real = exp.Cast(this=exp.Paren(this=numerator), to=exp.DataType.build("double"))
    return exp.Div(this=real, expression=bottom)


def change(metric: Metric, name: str, table: str) -> exp.Expr:
    """Return the change against the comparison: points for a rate, relative for anything else."""
    now, before = column_of(table, name), column_of(table, f"{name}__previous")
    difference = exp.Paren(this=exp.Sub(this=now, expression=before))
    if metric.unit in DIFFERENCE_UNITS:
        return difference
    return guarded(difference, exp.Abs(this=before.copy()))


def composites(names: tuple[str, ...], catalog: Catalog) -> tuple[tuple[str, str], ...]:
    """Return the named metrics and all they are made of, each once, with the suffix of the time they are read at."""
    found: dict[tuple[str, str], None] = {}

    def visit(name: str, back: str) -> None:
        found.setdefault((name, back))
        metric = catalog.metric(name)
        if not isinstance(metric, LEAVES):
            for part in with_n(metric) if not back else parts_of(metric):
                visit(part.metric, back + part.suffix)

    for name in names:
        visit(name, "")
    return tuple(found)
