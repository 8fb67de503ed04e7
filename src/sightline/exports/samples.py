"""Families → questions → samples. Values come only through `metrics.ask`, so policy and masks of the viewer hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sightline.dashboards.page import Page
from sightline.dashboards.reading import members
from sightline.dashboards.selection import Selection
from sightline.definitions.catalog import Catalog
from sightline.definitions.durations import parse_duration
from sightline.definitions.exported import WHOLE_WINDOW, by_label, label_name
from sightline.definitions.lineage import metric_references
from sightline.definitions.policy import Viewer
from sightline.exports.families import Family, Level
from sightline.exports.points import shape_of
from sightline.lake.snapshot import Snapshot
from sightline.metrics.answer import Answer, SourceState
from sightline.metrics.ask import ask
from sightline.metrics.calendar import Calendar
from sightline.metrics.question import Order, Period, Question, QuestionError
from sightline.metrics.warehouse import Warehouse

LATE_DAYS = 7
"""How late data may be: a cohort counts as mature only when its last events have had a week to arrive."""

CARDINALITY, NOT_ANSWERED = "cardinality", "not_answered"

Labels = tuple[tuple[str, str], ...]


@dataclass
class Samples:
    """The samples of one family. `left_out` counts, by reason, what has no sample."""

    family: Family
    values: dict[Labels, float] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Asking:
    """Who asks, of what, when, and how many series a family may have."""

    viewer: Viewer
    warehouse: Warehouse
    now: datetime
    snapshot: Snapshot
    limit: int

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.warehouse.catalog.settings.zone)).date()


def sample(wanted: Sequence[Family], asking: Asking) -> tuple[list[Samples], tuple[SourceState, ...]]:
    """Return the samples of every family, and the sources they were read from. Raises NotAllowed."""
    found = [Samples(each) for each in wanted]
    sources: dict[str, SourceState] = {}
    answers = _Answers(asking, _questions(wanted, asking))
    for samples in found:
        for level in samples.family.levels:
            answer = answers.of(level)
            if answer is None:
                samples.left_out[NOT_ANSWERED] += 1
                continue
            sources |= {each.dataset: each for each in answer.sources}
            _take(samples, level, answer, asking)
    return found, tuple(sources[name] for name in sorted(sources))


def _take(samples: Samples, level: Level, answer: Answer, asking: Asking) -> None:
    samples.left_out[CARDINALITY] += max(0, answer.total_rows - answer.n_rows)
    shape = shape_of(answer.catalog.metric(level.metric).type)
    for row, labels in enumerate(_row_labels(level, answer, asking)):
        for point in shape.points(answer, row, level.metric):
            if point.why_not:
                samples.left_out[point.why_not] += 1
            elif len(samples.values) >= asking.limit:
                samples.left_out[CARDINALITY] += 1
            else:
                samples.values[(*level.labels, *labels, *point.labels)] = point.value


def _row_labels(level: Level, answer: Answer, asking: Asking) -> Iterator[Labels]:
    """Yield the labels of every row: members by the name people know; of two with one name each has its key too."""
    page = Page(answer.catalog, Selection(period="all_time", compare="none"), asking.today, "")
    called = dict(level.called)
    columns: dict[str, list[str]] = {}
    for dimension in level.dimensions:
        held = members(answer, dimension, page)
        names = Counter({each.text_key: each.label for each in held}.values())
        columns[dimension] = [
            f"{each.label} ({each.text_key})" if names[each.label] > 1 else each.label for each in held
        ]
    for row in range(answer.n_rows):
        listed = ((by_label(name), columns[name][row]) for name in level.by)
        yield (*listed, *((called.get(name, label_name(name)), columns[name][row]) for name in level.held))


class _Answers:
    """Answers of levels: alike ones of different metrics are asked together, each different question once."""

    def __init__(self, asking: Asking, questions: dict[Level, Question]) -> None:
        self._asking = asking
        self._questions = questions
        self._known: dict[Question, Answer | None] = {}
        self._together = _together(questions, asking.warehouse.catalog)

    def of(self, level: Level) -> Answer | None:
        """Return the answer that holds the level, None when its question cannot be answered."""
        whole = self._together[level]
        found = self._ask(whole)
        return found if found is not None or whole == self._questions[level] else self._ask(self._questions[level])

    def _ask(self, question: Question) -> Answer | None:
        if question not in self._known:
            asking = self._asking
            try:
                self._known[question] = ask(
                    question, asking.viewer, warehouse=asking.warehouse, now=asking.now, at=asking.snapshot
                )
            except QuestionError:
                self._known[question] = None
        return self._known[question]


def _together(questions: dict[Level, Question], catalog: Catalog) -> dict[Level, Question]:
    groups: dict[object, dict[str, None]] = {}
    keys: dict[Level, object] = {}
    for level, question in questions.items():
        alone = level.metric if shape_of(catalog.metric(level.metric).type).alone else ""
        keys[level] = (question.group_by, question.period, question.where, alone)
        groups.setdefault(keys[level], {})[level.metric] = None
    return {
        level: Question(
            tuple(groups[keys[level]]),
            group_by=question.group_by,
            period=question.period,
            where=question.where,
            order=question.order,
            limit=question.limit,
        )
        for level, question in questions.items()
    }


def _questions(wanted: Iterable[Family], asking: Asking) -> dict[Level, Question]:
    catalog = asking.warehouse.catalog
    return {
        level: Question(
            (level.metric,),
            group_by=level.dimensions,
            period=period_of(level, catalog, today=asking.today),
            where=level.where,
            order=tuple(Order(name) for name in level.dimensions),
            limit=asking.limit if level.dimensions else None,
        )
        for family in wanted
        for level in family.levels
    }


def period_of(level: Level, catalog: Catalog, *, today: date) -> str | Period:
    """Return the period of a level; one that names none ends where its cohorts have had time to mature."""
    if level.period != WHOLE_WINDOW:
        return level.period
    days = maturation_days(level.metric, catalog)
    shape = shape_of(catalog.metric(level.metric).type)
    if not days:
        return shape.window
    whole = Calendar.of(catalog.settings, today).period(shape.window)
    shift = timedelta(days=days + LATE_DAYS)
    start, end = whole.start or today, whole.end or today
    return Period(start - shift, end - shift, "whole_window")


def maturation_days(metric: str, catalog: Catalog) -> int:
    """Return the longest time that a cohort of the metric, or of what it is made of, needs to mature."""
    definition = catalog.metric(metric)
    own = parse_duration(definition.maturation).approximate.days if definition.maturation else 0
    below = (name for _, name in metric_references(definition) if name in catalog.metrics)
    return max([own, *(maturation_days(name, catalog) for name in below)])
