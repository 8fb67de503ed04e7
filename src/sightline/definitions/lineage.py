"""What metrics are made of: the metrics they name and the datasets they read in the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sightline.definitions.documents import KeyPath
from sightline.definitions.expressions import ExpressionError, columns_in, parse_expression
from sightline.definitions.schema.dataset import Dataset
from sightline.definitions.schema.metric import (
    Conversion,
    Cumulative,
    Derived,
    Event,
    Funnel,
    Interval,
    Metric,
    Movement,
    Ratio,
    Retention,
    Score,
    SemiAdditive,
    Simple,
)


def metric_references(metric: Metric) -> Iterator[tuple[KeyPath, str]]:
    """Yield the metrics that a metric names, each with the path of the field that names it."""
    match metric:
        case Ratio():
            yield ("numerator",), metric.numerator
            yield ("denominator",), metric.denominator
        case Cumulative():
            yield ("metric",), metric.metric
        case Derived():
            for name in sorted(names_in(metric.expression) - set(metric.inputs)):
                yield ("expression",), name
            yield from ((("inputs", name, "metric"), each.metric) for name, each in metric.inputs.items())
            if metric.n:
                yield ("n",), metric.n
        case Score():
            yield from ((("components", index, "metric"), each.metric) for index, each in enumerate(metric.components))
            if metric.n:
                yield ("n",), metric.n


def events_of(metric: Metric) -> Iterator[tuple[KeyPath, Event]]:
    """Yield the events of a metric about entities, in their order."""
    match metric:
        case Conversion():
            yield ("base",), metric.base
            yield ("conversion",), metric.conversion
        case Interval():
            yield ("start",), metric.start
            yield ("end",), metric.end
        case Movement():
            yield ("changes",), metric.changes
        case Retention():
            yield ("first",), metric.first
            if metric.activity:
                yield ("activity",), metric.activity
        case Funnel():
            yield from ((("stages", index), stage) for index, stage in enumerate(metric.stages))


def grouping_datasets(metrics: Mapping[str, Metric], name: str) -> set[str]:
    """Return the datasets whose dimensions a metric is grouped by: for a cohort, that of its first event."""
    found: set[str] = set()
    waiting, seen = [name], set()
    while waiting:
        current = waiting.pop()
        if current in seen or current not in metrics:
            continue
        seen.add(current)
        metric = metrics[current]
        if isinstance(metric, Simple | SemiAdditive):
            found.add(metric.dataset)
        elif first := next((event for _, event in events_of(metric)), None):
            found.add(first.dataset)
        waiting += [reference for path, reference in metric_references(metric) if path != ("n",)]
    return found


def aging_metrics(metrics: Mapping[str, Metric]) -> frozenset[str]:
    """Return the metrics that are ages, and those made of them."""
    found = {name for name, each in metrics.items() if isinstance(each, Simple) and each.agg == "age"}
    while True:
        more = {
            name
            for name, each in metrics.items()
            if name not in found and any(used in found for _, used in metric_references(each))
        }
        if not more:
            return frozenset(found)
        found |= more


def adds_up(metric: Metric) -> bool:
    """Whether the members of a dimension add up to the whole: sums and counts do, averages and rates do not."""
    if isinstance(metric, Movement):
        return True
    return isinstance(metric, Simple | SemiAdditive) and metric.agg in ("sum", "count")


def currencies_of(metric: Simple | SemiAdditive, dataset: Dataset) -> set[str]:
    """Return the columns of its dataset that name the currencies of what a metric adds up."""
    expression = getattr(metric, "expression", None)
    amounts = names_in(expression) if expression else {metric.column}
    named = {column.currency for name, column in dataset.columns.items() if name in amounts}
    return {each for each in named if each in dataset.columns}


def names_in(expression: str) -> set[str]:
    """Return the names an expression reads; none when it cannot be read."""
    try:
        return columns_in(parse_expression(expression))
    except ExpressionError:
        return set()
