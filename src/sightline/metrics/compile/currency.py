"""Which column tells the currency of what a metric adds up: amounts of several currencies are never summed."""

from __future__ import annotations

from sqlglot import exp

from sightline.definitions.catalog import Catalog
from sightline.definitions.expressions import columns_in, parse_expression
from sightline.definitions.schema.metric import Cumulative, Metric, SemiAdditive, Simple
from sightline.metrics.plan import simple_of


def currency_of(metric: Metric, catalog: Catalog) -> str | None:
    """Return the dataset's column that names each row's currency, None when amounts of several cannot meet."""
    if isinstance(metric, Cumulative):
        return currency_of(simple_of(metric, catalog), catalog)
    if not isinstance(metric, (Simple, SemiAdditive)) or metric.agg in ("count", "count_distinct"):
        return None
    columns = catalog.dataset(metric.dataset).columns
    named = (columns[name].currency for name in sorted(_amounts(metric)) if name in columns)
    return next((currency for currency in named if currency in columns), None)


def _amounts(metric: Simple | SemiAdditive) -> set[str]:
    if isinstance(metric, Simple) and metric.expression:
        return columns_in(parse_expression(metric.expression))
    return {metric.column} if metric.column else set()


def kinds_of(currency: exp.Expr) -> exp.Expr:
    """Return how many currencies there are."""
    return exp.Count(this=exp.Distinct(expressions=[currency]))
