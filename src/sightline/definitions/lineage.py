"""What metrics are made of: the metrics they name and the datasets they read in the end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from sqlglot import exp

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


def datasets_read(metric: Metric) -> set[str]:
    """Return the datasets that a metric reads itself, not through metrics it names."""
    found = {event.dataset for _, event in events_of(metric)}
    return found | {metric.dataset} if isinstance(metric, Simple | SemiAdditive) else found


def datasets_behind(metrics: Mapping[str, Metric], name: str) -> set[str]:
    """Return the datasets that a metric is computed from in the end, through all metrics it is made of."""
    found: set[str] = set()
    waiting, seen = [name], set[str]()
    while waiting:
        current = waiting.pop()
        if current in seen or current not in metrics:
            continue
        seen.add(current)
        found |= datasets_read(metrics[current])
        waiting += [reference for _, reference in metric_references(metrics[current])]
    return found


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


def is_amount(metric: Metric, metrics: Mapping[str, Metric]) -> bool:
    """Whether the figure of some of the rows is less than that of all, as of sums and counts and what is made of them.

    A rate, an average or the value that was recorded last is of the same size for a part as for the whole.
    """
    match metric:
        case Simple() | SemiAdditive():
            return metric.agg in ("sum", "count", "count_distinct")
        case Conversion() | Retention():
            return metric.show == "count"
        case Cumulative():
            return metric.metric in metrics and is_amount(metrics[metric.metric], metrics)
        case Derived():
            amounts = {name for name in names_in(metric.expression) if _stands_for_an_amount(name, metric, metrics)}
            return _degree(parse_expression(metric.expression), amounts) != 0
        case _:
            return isinstance(metric, Movement)


def _stands_for_an_amount(name: str, metric: Derived, metrics: Mapping[str, Metric]) -> bool:
    meant = metric.inputs[name].metric if name in metric.inputs else name
    return meant in metrics and is_amount(metrics[meant], metrics)


def _degree(tree: exp.Expr, amounts: Collection[str]) -> int | None:
    """Return how an expression grows with its amounts: 1 like an amount, 0 like a rate, None like neither.

    What is like neither, such as an amount less a fixed number, is not of the same size for a part either.
    """
    match tree:
        case exp.Column():
            return 1 if tree.name in amounts else 0
        case exp.Literal():
            return 0
        case exp.Paren() | exp.Neg() | exp.Abs() | exp.Round() | exp.Coalesce() | exp.Nullif():
            return _degree(tree.this, amounts)
        case exp.Greatest() | exp.Least():
            return _one_degree((tree.this, *tree.expressions), amounts)
        case exp.Case():
            results = [each.args["true"] for each in tree.args["ifs"]]
            return _one_degree((*results, tree.args.get("default")), amounts)
        case exp.Add() | exp.Sub():
            return _one_degree((tree.left, tree.right), amounts)
    if not isinstance(tree, exp.Binary):
        return None
    left, right = _degree(tree.left, amounts), _degree(tree.right, amounts)
    if left is None or right is None:
        return None
    match tree:
        case exp.Mul():
            return left + right
        case exp.Div():
            return left - right
        case _:
            return None


def _one_degree(trees: Iterable[exp.Expr | None], amounts: Collection[str]) -> int | None:
    """Return the degree that all have, None when they differ; zero and no value are like everything."""
    degrees = {_degree(each, amounts) for each in trees if each is not None and not _is_nothing(each)}
    return degrees.pop() if len(degrees) == 1 else None if degrees else 0


def _is_nothing(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Null) or (
        isinstance(tree, exp.Literal) and not tree.is_string and float(tree.this) == 0
    )


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
