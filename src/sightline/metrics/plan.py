"""Question → plan: every name resolved, every date fixed, nothing read yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from sightline.definitions.catalog import Catalog, UnknownName, did_you_mean
from sightline.definitions.dimensions import Dimension, Joins
from sightline.definitions.durations import Length
from sightline.definitions.lineage import events_of
from sightline.definitions.schema.metric import (
    Conversion,
    Cumulative,
    Event,
    Funnel,
    Grain,
    Interval,
    Metric,
    Movement,
    Retention,
    SemiAdditive,
    Simple,
)
from sightline.metrics.calendar import LAST_HOUR, Calendar
from sightline.metrics.conditions import dimension_seen, require_conditions
from sightline.metrics.horizon import Horizon, published
from sightline.metrics.parts import parts_of, suffix_of, with_n
from sightline.metrics.question import COMPARISONS, Filter, Order, Period, Question, QuestionError

Leaf = Simple | Cumulative | SemiAdditive | Conversion | Interval | Funnel | Movement | Retention
LEAVES = (Simple, Cumulative, SemiAdditive, Conversion, Interval, Funnel, Movement, Retention)
PERIOD, AGE = "period", "age"
"""Columns of an answer beside its dimensions: the bucket, and of a retention the buckets since."""


@dataclass(frozen=True)
class Span:
    """One stretch of days to aggregate, and the buckets its rows fall in.

    `labels` are the buckets the results are filed under: for a comparison those of the period compared, in order.
    `leaves` are those that an earlier time is needed of, None for all; `unit` is what that time is counted in.
    """

    suffix: str
    period: Period
    buckets: tuple[date, ...] | tuple[datetime, ...] = ()
    labels: tuple[date, ...] | tuple[datetime, ...] = ()
    leaves: frozenset[str] | None = None
    unit: Grain = "day"


@dataclass(frozen=True)
class Plan:
    """A resolved question. `leaves` are computed from data, the other metrics from them.

    `horizon` knows only the datasets of outcomes: no other figure depends on how far the data reaches.
    """

    question: Question
    leaves: tuple[tuple[str, Leaf], ...]
    dimensions: tuple[Dimension, ...]
    filters: tuple[Filter, ...]
    where: str | None
    grain: Grain | None
    period: Period
    current: Span
    comparison: Span | None
    earlier: tuple[Span, ...]
    order: tuple[Order, ...]
    calendar: Calendar
    horizon: Horizon

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that identify a row."""
        ages = (AGE,) if self.has_ages else ()
        return (*(each.name for each in self.dimensions), *((PERIOD,) if self.grain else ()), *ages)

    @property
    def has_ages(self) -> bool:
        """Whether a row is a cohort at an age: a retention is always asked for alone."""
        return isinstance(self.leaves[0][1], Retention)

    @property
    def spans(self) -> tuple[Span, ...]:
        return (*self.compared, *self.earlier)

    @property
    def compared(self) -> tuple[Span, ...]:
        """What was asked for: the period, and the one it is compared with."""
        return (self.current, *((self.comparison,) if self.comparison else ()))

    def leaves_in(self, span: Span) -> tuple[tuple[str, Leaf], ...]:
        """Return the leaves that a span is computed for."""
        return tuple((name, leaf) for name, leaf in self.leaves if span.leaves is None or name in span.leaves)


def dataset_of(metric: Leaf, catalog: Catalog) -> str:
    """Return the dataset a leaf's rows, groups and filters come from."""
    if isinstance(metric, Cumulative):
        return simple_of(metric, catalog).dataset
    if isinstance(metric, Conversion):
        return metric.base.dataset
    if isinstance(metric, Interval):
        return metric.start.dataset
    if isinstance(metric, Funnel):
        return metric.stages[0].dataset
    if isinstance(metric, Movement):
        return metric.changes.dataset
    if isinstance(metric, Retention):
        return metric.first.dataset
    return metric.dataset


def known_by(dataset: str, time: str | None, catalog: Catalog) -> str:
    """Return the entry of a horizon that tells how far rows are known by this time column."""
    return dataset if time in (None, catalog.dataset(dataset).time) else published(dataset)


def rows_known_by(names: tuple[str, ...], catalog: Catalog) -> frozenset[str]:
    """Return what bounds the rows the metrics are counted from; datasets of dimensions do not."""
    return frozenset(known_by(dataset, time, catalog) for dataset, time in _counted(names, catalog))


def rows_published_by(names: tuple[str, ...], catalog: Catalog) -> frozenset[str]:
    """Return the entries of a horizon that tell when the rows the metrics are counted from were last published."""
    return frozenset(published(dataset) for dataset, _ in _counted(names, catalog))


def _counted(names: tuple[str, ...], catalog: Catalog) -> Iterator[tuple[str, str | None]]:
    """Yield the datasets whose rows the metrics are counted from, each with the time column they are counted by."""
    for leaf in leaves_of(names, catalog).values():
        counted = simple_of(leaf, catalog) if isinstance(leaf, Cumulative) else leaf
        yield from ((event.dataset, event.time) for _, event in events_of(counted))
        if isinstance(counted, (Simple, SemiAdditive)):
            yield counted.dataset, counted.time


def outcomes_known_by(names: tuple[str, ...], catalog: Catalog) -> frozenset[str]:
    """Return what bounds the knowledge of what became of a cohort; nothing where the metrics have no cohort."""
    outcomes = (event for leaf in leaves_of(names, catalog).values() for event in outcomes_of(leaf))
    return frozenset(known_by(event.dataset, event.time, catalog) for event in outcomes)


def outcomes_of(leaf: Leaf) -> list[Event]:
    """Return the events that tell what became of a cohort."""
    return [leaf.active] if isinstance(leaf, Retention) else [event for _, event in [*events_of(leaf)][1:]]


def simple_of(metric: Cumulative, catalog: Catalog) -> Simple:
    """Return the simple metric that a cumulative one accumulates."""
    inner = catalog.metric(metric.metric)
    if not isinstance(inner, Simple):
        raise QuestionError(f'cumulative metrics accumulate simple ones; "{metric.metric}" is {inner.type}')
    return inner


def operands(metric: Metric) -> tuple[str, ...]:
    """Return the metrics that a ratio or derived metric is made of, in order of appearance."""
    return tuple(dict.fromkeys(part.metric for part in parts_of(metric)))


def leaves_of(names: tuple[str, ...], catalog: Catalog) -> dict[str, Leaf]:
    """Return every leaf the named metrics stand on, in order of first use."""
    found: dict[str, Leaf] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise QuestionError(f'metric "{name}" is defined by itself: {" → ".join((*above, name))}')
        metric = catalog.metric(name)
        if isinstance(metric, LEAVES):
            found.setdefault(name, metric)
        for part in with_n(metric):
            visit(part.metric, (*above, name))

    for name in names:
        visit(name, ())
    return found


def plan(
    question: Question,
    *,
    catalog: Catalog,
    joins: Joins,
    today: date,
    hour: int = LAST_HOUR,
    horizon: Horizon | None = None,
) -> Plan:
    """Return the resolved question. Raises QuestionError for anything that cannot be answered as asked.

    Without a horizon the data is taken to reach today.
    """
    if not question.metrics:
        raise QuestionError("the question names no metric", hint=did_you_mean("", catalog.metrics))
    _check_words(question)
    try:
        leaves = leaves_of(question.metrics, catalog)
    except UnknownName as error:
        raise QuestionError(error.message, hint=error.hint) from error
    _check_alone(question, leaves)
    question = _with_grain(question, leaves)
    calendar = Calendar.of(catalog.settings, today, hour=hour)
    period = calendar.period(question.period)
    current, comparison = _current(calendar, period, question.grain), _comparison(calendar, period, question)
    readers = {f'metric "{name}"': dataset_of(leaf, catalog) for name, leaf in leaves.items()}
    require_conditions(question.filters, question.where, readers=readers, joins=joins)
    return Plan(
        question=question,
        leaves=tuple(leaves.items()),
        dimensions=tuple(dimension_seen(name, readers=readers, joins=joins)[0] for name in question.group_by),
        filters=question.filters,
        where=question.where,
        grain=question.grain,
        period=period,
        current=current,
        comparison=comparison,
        earlier=tuple(_earlier(calendar, question, catalog, replace(current, period=period), comparison)),
        order=_order(question, leaves),
        calendar=calendar,
        horizon=(horizon or Horizon(today)).of(outcomes_known_by(question.metrics, catalog)),
    )


def _check_words(question: Question) -> None:
    if question.compare not in COMPARISONS:
        raise QuestionError(
            f'unknown comparison "{question.compare}"', hint=did_you_mean(question.compare, COMPARISONS)
        )
    grains = ("hour", "day", "week", "month", "quarter", "year")
    if question.grain is not None and question.grain not in grains:
        raise QuestionError(f'unknown grain "{question.grain}"', hint=did_you_mean(question.grain, grains))
    twice = [name for name in question.group_by if question.group_by.count(name) > 1]
    if twice or len(set(question.metrics)) != len(question.metrics):
        raise QuestionError("a metric or group is named twice", hint="Name each once.")
    if question.limit is not None and question.limit < 1:
        raise QuestionError(f"limit {question.limit} is not a positive number")


def _with_grain(question: Question, leaves: dict[str, Leaf]) -> Question:
    """Return the question with the grain of its cohorts, where it names none."""
    retention = next((leaf for leaf in leaves.values() if isinstance(leaf, Retention)), None)
    return replace(question, grain=question.grain or retention.grain) if retention else question


def _check_alone(question: Question, leaves: dict[str, Leaf]) -> None:
    retentions = [name for name, leaf in leaves.items() if isinstance(leaf, Retention)]
    if retentions and (len(question.metrics) > 1 or question.compare not in ("none", "target")):
        hint = "Ask for it alone, with compare: none."
        raise QuestionError(f'"{retentions[0]}" is a retention and has a row per cohort and age', hint=hint)
    if retentions and question.grain == "hour":
        raise QuestionError(f'"{retentions[0]}" has no cohorts by hour', hint="Choose grain day or coarser.")
    funnels = [name for name, leaf in leaves.items() if isinstance(leaf, Funnel)]
    if funnels and len(question.metrics) > 1:
        raise QuestionError(f'"{funnels[0]}" is a funnel and has a row per stage', hint="Ask for it alone.")
    if funnels and question.compare == "peers":
        raise QuestionError(f'"{funnels[0]}" is a funnel: it has no one figure to hold against its peers')


def _current(calendar: Calendar, period: Period, grain: Grain | None) -> Span:
    seen = period if period.end is None else calendar.so_far(period)
    buckets = tuple(calendar.buckets(seen, grain)) if grain else ()
    return Span(suffix="", period=seen, buckets=buckets, labels=buckets)


def _comparison(calendar: Calendar, period: Period, question: Question) -> Span | None:
    earlier = calendar.comparison(period, question.compare)
    if earlier is None:
        return None
    if not question.grain:
        return Span(suffix="__previous", period=earlier)
    labels = tuple(calendar.buckets(calendar.so_far(period), question.grain))
    buckets = tuple(calendar.buckets(earlier, question.grain))[: len(labels)]
    return Span(suffix="__previous", period=earlier, buckets=buckets, labels=labels[: len(buckets)])


def _earlier(
    calendar: Calendar, question: Question, catalog: Catalog, current: Span, comparison: Span | None
) -> Iterator[Span]:
    """Yield the time before each span that some formula looks back to; before all time there is none."""
    for back, leaves in _looked_back(question.metrics, catalog).items():
        steps = [calendar.step(length, question.grain) for length in back]
        for span in (current, comparison):
            if span is None or span.period.start is None or span.period.end is None:
                continue
            period, buckets = span.period, list(span.buckets)
            for step in steps:
                period, buckets = calendar.earlier(period, step), [step.before(bucket) for bucket in buckets]
            unit: Grain = question.grain or ("month" if steps[-1].months else "day")
            suffix = span.suffix + suffix_of(back)
            yield Span(suffix, period, tuple(buckets), span.labels, frozenset(leaves), unit)


def _looked_back(names: tuple[str, ...], catalog: Catalog) -> dict[tuple[Length, ...], set[str]]:
    """Return the leaves that formulas look back to, by the offsets on the way to them."""
    found: dict[tuple[Length, ...], set[str]] = {}

    def visit(name: str, back: tuple[Length, ...]) -> None:
        metric = catalog.metric(name)
        if back and isinstance(metric, LEAVES):
            found.setdefault(back, set()).add(name)
        for part in parts_of(metric):
            visit(part.metric, (*back, part.back) if part.back else back)

    for name in names:
        visit(name, ())
    return found


def _sortable(question: Question, leaves: dict[str, Leaf]) -> Iterator[str]:
    """Yield the names a question may be ordered by. Peers are found after the rows are in order."""
    yield from question.group_by
    if question.grain:
        yield PERIOD
    for metric in question.metrics:
        if isinstance(leaves.get(metric), Funnel):
            continue
        yield metric
        if question.compare not in ("none", "target", "peers"):
            yield f"{metric}__previous"
            yield f"{metric}__change"


def _order(question: Question, leaves: dict[str, Leaf]) -> tuple[Order, ...]:
    allowed = list(_sortable(question, leaves))
    for order in question.order:
        if order.column not in allowed:
            raise QuestionError(f'cannot order by "{order.column}"', hint=did_you_mean(order.column, allowed))
    return question.order
