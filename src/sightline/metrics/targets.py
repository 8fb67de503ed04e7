"""Targets of a row: the amount for the whole period, and the part of it that is due by now."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sightline.definitions.dimensions import Joins, UnknownDimension
from sightline.definitions.expressions import columns_in, parse_expression
from sightline.definitions.lineage import is_amount
from sightline.definitions.schema.metric import Grain, Metric, Target
from sightline.metrics.calendar import Calendar
from sightline.metrics.plan import PERIOD, rows_known_by

if TYPE_CHECKING:
    from sightline.metrics.answer import Answer

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True)
class Due:
    """What should be reached in all, and by now; `until` is the last day of a level that ends."""

    whole: float
    by_now: float
    until: date | None = None


def target_of(answer: Answer, row: int, name: str, metric: Metric) -> Due | None:
    """Return the target of a metric in one row, or None when it has none.

    An amount, per month or as a level, counts for exactly its segment; the level of a rate without a segment holds for
    every row. What is due by now ends with the last whole day that the data tells of.
    """
    if not metric.targets:
        return None
    segment = segment_of(answer, row)
    if answer.question.grain == "hour" and (amounts := _amounts(metric, segment)) and _is_whole(answer, segment):
        return _of_hour(answer.value(row, PERIOD), amounts, answer, name)
    return _due(answer, name, metric, segment, _days(answer, row))


def target_ahead(answer: Answer, name: str, bucket: date) -> float | None:
    """Return the target of a bucket that the answer, which has no groups, does not reach; None without one."""
    metric, grain = answer.catalog.metric(name), answer.question.grain
    if not metric.targets or grain is None or grain == "hour":
        return None
    after = Calendar.of(answer.catalog.settings, answer.today).following(bucket, grain)
    due = _due(answer, name, metric, _held(answer), (bucket, after))
    return due.whole if due else None


def _due(
    answer: Answer, name: str, metric: Metric, segment: dict[str, str], span: tuple[date, date] | None
) -> Due | None:
    amounts = _amounts(metric, segment)
    if amounts and _is_whole(answer, segment):
        return _amount(amounts, span, answer, name)
    levels = _levels(answer, segment, metric)
    edge = span[1] - DAY if span else answer.today
    valid = [each for each in levels if (each.since or edge) <= edge and (each.until is None or edge < each.until)]
    if not valid:
        return None
    best = max(valid, key=lambda each: (len(each.segment), each.since or date.min))
    return Due(best.value, best.value, best.until - DAY if best.until else None)


def _levels(answer: Answer, segment: dict[str, str], metric: Metric) -> list[Target]:
    """Return the levels that the row may be held against: a part of an amount does not reach what the whole should."""
    levels = [each for each in metric.targets if not each.per and each.segment.items() <= segment.items()]
    is_whole = _is_whole(answer, segment)
    if (is_whole and not segment) or not is_amount(metric, answer.catalog.metrics):
        return levels
    return [each for each in levels if each.segment == segment] if is_whole else []


def _amounts(metric: Metric, segment: dict[str, str]) -> list[Target]:
    return [each for each in metric.targets if each.per and each.segment == segment]


def _is_whole(answer: Answer, segment: dict[str, str]) -> bool:
    """Whether the figure is of all rows of the segment: the only one an amount may be held against."""
    question = answer.question
    if question.where or any(each.operator != "in" or len(each.values) != 1 for each in question.filters):
        return False
    key = ("whole", *sorted(segment))
    if key not in answer.read.made:
        answer.read.made[key] = _sees_whole(answer, segment)
    return bool(answer.read.made[key])


def _sees_whole(answer: Answer, segment: Collection[str]) -> bool:
    """Whether the viewer sees all rows of such a segment or none: no rule asks for more than its members tell."""
    rules = [answer.policy.rows_of(each.dataset) for each in answer.sources]
    if all(rule == "all" for rule in rules):
        return True
    joins = Joins.of(answer.catalog)
    homes = [joins.primaries[name][0] for name in segment if name in joins.primaries]
    asked = {name for rule in rules if rule and rule != "all" for name in columns_in(parse_expression(rule))}
    return None not in rules and all(
        name in segment or any(_reaches(home, name, joins) for home in homes) for name in asked
    )


def _reaches(dataset: str, name: str, joins: Joins) -> bool:
    try:
        joins.column(dataset, name)
    except UnknownDimension:
        return False
    return True


def segment_of(answer: Answer, row: int) -> dict[str, str]:
    """Return the members that the row's figure is of: its groups, and filters that hold one value."""
    return {each.name: str(answer.value(row, each.name)) for each in answer.dimensions} | _held(answer)


def _held(answer: Answer) -> dict[str, str]:
    """Return the one member that filters hold a dimension to, by dimension."""
    held = (each for each in answer.question.filters if each.operator == "in" and len(each.values) == 1)
    return {each.dimension: str(each.values[0]) for each in held}


def _days(answer: Answer, row: int) -> tuple[date, date] | None:
    start, end = answer.period.start, answer.period.end
    grain = answer.question.grain
    if grain == "hour":
        return None
    if grain:
        calendar = Calendar.of(answer.catalog.settings, answer.today)
        first = answer.value(row, PERIOD)
        last = calendar.following(first, grain)
        return max(first, start or first), min(last, end or last)
    return (start, end) if start and end else None


def _amount(targets: list[Target], span: tuple[date, date] | None, answer: Answer, name: str) -> Due | None:
    if span is None:
        return None
    calendar = Calendar.of(answer.catalog.settings, answer.today)
    holidays = frozenset(answer.catalog.settings.holidays)
    known = _known_until(answer, name)
    seasons: dict[tuple[date, date], dict[date, float]] = {}
    whole = by_now = 0.0
    found = False
    for day in _each_day(*span):
        target = _valid_on(day, targets)
        if target is None or target.per is None:
            continue
        unit = _unit(day, target.per, calendar)
        if target.per == "hour":
            parts = {day: _hours(day, day + DAY, answer.zone)}
        elif target.pacing != "seasonal":
            parts = _even(unit, holidays, only_working=target.pacing == "business_days")
        elif unit in seasons:
            parts = seasons[unit]
        else:
            parts = seasons[unit] = _season(unit, answer.pacing.get(name, {}))
        share = target.value * parts.get(day, 0.0)
        found = True
        whole += share
        by_now += share if day < known else 0.0
    return Due(whole, by_now) if found else None


def _known_until(answer: Answer, name: str) -> date:
    return answer.horizon.end(rows_known_by((name,), answer.catalog))


def _of_hour(hour: datetime, targets: list[Target], answer: Answer, name: str) -> Due | None:
    """Return the amount of one hour on the clock: only what is set per hour says anything about it."""
    target = _valid_on(hour.date(), targets)
    if target is None or target.per != "hour":
        return None
    whole = target.value * _hours(hour, hour + HOUR, answer.zone)
    return Due(whole, whole if hour.date() < _known_until(answer, name) else 0.0)


def _hours(start: date, end: date, zone: str) -> float:
    """Return the hours that pass between two local times: the day on which the clocks change has 23 or 25."""
    first, last = (
        each if isinstance(each, datetime) else datetime.combine(each, time(), tzinfo=None) for each in (start, end)
    )
    passed = last.replace(tzinfo=ZoneInfo(zone)).timestamp() - first.replace(tzinfo=ZoneInfo(zone)).timestamp()
    return passed / HOUR.total_seconds()


def _valid_on(day: date, targets: list[Target]) -> Target | None:
    """Return the target that holds on the day: the latest that has begun and not ended."""
    valid = [
        each
        for each in targets
        if (each.since is None or each.since <= day) and (each.until is None or day < each.until)
    ]
    return max(valid, key=lambda each: each.since or date.min, default=None)


def _unit(day: date, grain: Grain, calendar: Calendar) -> tuple[date, date]:
    """Return the first day, and the day after the last, of the target's own period that the day is in."""
    first = calendar.bucket(day, grain)
    return first, calendar.following(first, grain)


@lru_cache(maxsize=256)
def _even(unit: tuple[date, date], holidays: frozenset[str], *, only_working: bool) -> dict[date, float]:
    """Return the part of the target's own period that falls on each of its days; the parts add up to one."""
    days = list(_each_day(*unit))
    working = [each for each in days if each.weekday() < 5 and each.isoformat() not in holidays]
    counted = working if only_working and working else days
    return dict.fromkeys(counted, 1 / len(counted))


def _season(unit: tuple[date, date], seasonal: dict[date, float]) -> dict[date, float]:
    """Return the parts by day as they were a year before, even ones when there was nothing."""
    shape = {each: seasonal.get(_year_before(each), 0.0) for each in _each_day(*unit)}
    total = sum(shape.values())
    if total <= 0:
        return _even(unit, frozenset(), only_working=False)
    return {day: value / total for day, value in shape.items()}


def _year_before(day: date) -> date:
    """The same weekday, 52 weeks earlier."""
    return day - timedelta(days=364)


def _each_day(start: date, end: date) -> Iterator[date]:
    while start < end:
        yield start
        start += DAY
