"""Which column tells the currency of what a metric adds up: amounts of several currencies are never summed."""

from __future__ import annotations

from sqlglot import exp

from sightline.definitions.catalog import Catalog
from sightline.definitions.lineage import currencies_of
from sightline.definitions.schema.metric import Cumulative, Exchange, Metric, SemiAdditive, Simple
from sightline.metrics.plan import simple_of


def currency_of(metric: Metric, catalog: Catalog) -> str | None:
    """Return the dataset's column that names each row's currency, None when amounts of several cannot meet."""
    if isinstance(metric, Cumulative):
        return currency_of(simple_of(metric, catalog), catalog)
    if not isinstance(metric, (Simple, SemiAdditive)) or metric.agg in ("count", "count_distinct") or metric.convert:
        return None
    return next(iter(sorted(currencies_of(metric, catalog.dataset(metric.dataset)))), None)


def exchange_of(metric: Metric, catalog: Catalog) -> Exchange | None:
    """Return how the amounts of a leaf are converted, None where they are not."""
    if isinstance(metric, Cumulative):
        return exchange_of(simple_of(metric, catalog), catalog)
    return metric.convert if isinstance(metric, (Simple, SemiAdditive)) else None


def kinds_of(currency: exp.Expr) -> exp.Expr:
    """Return how many currencies there are."""
    return exp.Count(this=exp.Distinct(expressions=[currency]))
