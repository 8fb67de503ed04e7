"""Metrics as one SQL expression each, where SQL over joined tables can say them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from sightline.definitions.catalog import Catalog
from sightline.definitions.dimensions import Joins, UnknownDimension
from sightline.definitions.expressions import ExpressionError, parse_expression
from sightline.definitions.schema.metric import Derived, Metric, Ratio, Score, Simple
from sightline.metrics.parts import parts_of


class NotInSql(Exception):
    """A metric that no single aggregate expression says: it follows entities in time, or knows only its last row."""


Write = Callable[[Any, Catalog, Joins], exp.Expr]


def sql_of(metric: Metric, catalog: Catalog, joins: Joins) -> str:
    """Return the expression over `dataset.column`. Raises NotInSql."""
    write = EXPRESSIONS.get(metric.type)
    if write is None:
        raise NotInSql(metric.type)
    return write(metric, catalog, joins).sql()


def _simple(metric: Simple, catalog: Catalog, joins: Joins) -> exp.Expr:
    if metric.convert or metric.agg == "age":
        raise NotInSql("convert" if metric.convert else "age")
    value = _value(metric, catalog, joins)
    if metric.where:
        value = exp.Case(ifs=[exp.If(this=_qualified(metric.where, metric.dataset, joins), true=value)])
    if metric.agg == "count":
        return exp.Count(this=value)
    if metric.agg == "count_distinct":
        return exp.Count(this=exp.Distinct(expressions=[value]))
    if metric.agg in ("median", "percentile"):
        share = exp.PercentileCont(this=exp.Literal.number(metric.percentile or 0.5))
        return exp.WithinGroup(this=share, expression=exp.Order(expressions=[exp.Ordered(this=value)]))
    kinds: dict[str, type[exp.AggFunc]] = {"sum": exp.Sum, "min": exp.Min, "max": exp.Max, "avg": exp.Avg}
    return kinds[metric.agg](this=value)


def _value(metric: Simple, catalog: Catalog, joins: Joins) -> exp.Expr:
    """Return what is aggregated; rows are counted by their key, which is never empty and names the dataset."""
    if metric.expression:
        return _qualified(metric.expression, metric.dataset, joins)
    keys = catalog.dataset(metric.dataset).key_columns
    name = metric.column or (keys[0] if metric.agg == "count" and keys else None)
    if name is None:
        raise NotInSql(metric.agg)
    return _column(name, metric.dataset, joins)


def _ratio(metric: Ratio, catalog: Catalog, joins: Joins) -> exp.Expr:
    top, bottom = (_operand(name, catalog, joins) for name in (metric.numerator, metric.denominator))
    return exp.Div(this=exp.paren(top), expression=_or_null(bottom))


def _computed(metric: Derived | Score, catalog: Catalog, joins: Joins) -> exp.Expr:
    if any(part.back for part in parts_of(metric)):
        raise NotInSql("inputs")
    divided = _parsed(metric.formula).transform(_safely_divided)
    return divided.transform(
        lambda node: exp.paren(_operand(node.name, catalog, joins)) if isinstance(node, exp.Column) else node
    )


def _safely_divided(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Div) and not isinstance(node.expression, exp.Literal | exp.Nullif):
        node.set("expression", _or_null(node.expression))
    return node


def _or_null(bottom: exp.Expr) -> exp.Expr:
    """Return the divisor with nothing in place of zero: undefined, not infinite."""
    return exp.Nullif(this=bottom, expression=exp.Literal.number(0))


def _operand(name: str, catalog: Catalog, joins: Joins) -> exp.Expr:
    metric = catalog.metric(name)
    write = EXPRESSIONS.get(metric.type)
    if write is None:
        raise NotInSql(metric.type)
    return write(metric, catalog, joins)


def _qualified(text: str, dataset: str, joins: Joins) -> exp.Expr:
    return _parsed(text).transform(
        lambda node: _column(node.name, dataset, joins) if isinstance(node, exp.Column) else node
    )


def _parsed(text: str) -> exp.Expr:
    try:
        return parse_expression(text)
    except ExpressionError as error:
        raise NotInSql(text) from error


def _column(name: str, dataset: str, joins: Joins) -> exp.Expr:
    """Return the column in the dataset where it stands; the relationships of the model lead there."""
    try:
        found = joins.column(dataset, name)
    except UnknownDimension as error:
        raise NotInSql(name) from error
    return exp.column(found.column, table=found.dataset)


EXPRESSIONS: dict[str, Write] = {
    "simple": _simple,
    "ratio": _ratio,
    "derived": _computed,
    "score": _computed,
}
"""Types that SQL can say. The others stand whole in the model's custom extension."""
