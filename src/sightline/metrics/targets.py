"""Targets of a row: the amount for the whole period, and the part of it that is due by now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sightline.definitions.schema.metric import Grain, Metric, Target
from sightline.metrics.calendar import Calendar
from sightline.metrics.plan import PERIOD

if TYPE_CHECKING:
    from sightline.metrics.answer import Answer

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Due:
    """What should be reached in all, and by now."""

    whole: float
    by_now: float


def target_of(answer: Answer, row: int, name: str, metric: Metric) -> Due | None:
    """Return the target of a metric in one row, or None when it has none.

    An amount per month counts for exactly its segment; a level without a segment holds for every row.
    """
    if not metric.targets:
        return None
    segment = _segment(answer, row)
    span = _days(answer, row)
    amounts = [each for each in metric.targets if each.per and each.segment == segment]
    if not segment and not sees_everything(answer):
        amounts = []
    if amounts:
        return _amount(amounts, span, answer, name)
    levels = [each for each in metric.targets if not each.per and each.segment.items() <= segment.items()]
    edge = span[1] - DAY if span else answer.today
    valid = [each for each in levels if (each.since or edge) <= edge and (each.until is None or edge < each.until)]
    if not valid:
        return None
    best = max(valid, key=lambda each: (len(each.segment), each.since or date.min))
    return Due(best.value, best.value)


def sees_everything(answer: Answer) -> bool:
    """Whether no row is kept from the viewer: else the whole they see is not the whole the target is for."""
    return all(answer.policy.rows_of(each.dataset) == "all" for each in answer.sources)


def _segment(answer: Answer, row: int) -> dict[str, str]:
    held = {each.name: str(answer.value(row, each.name)) for each in answer.dimensions}
    for each in answer.question.filters:
        if each.operator == "in" and len(each.values) == 1:
            held[each.dimension] = str(each.values[0])
    return held


def _days(answer: Answer, row: int) -> tuple[date, date] | None:
    start, end = answer.period.start, answer.period.end
    grain = answer.question.grain
    if grain and grain != "hour":
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
    whole = by_now = 0.0
    found = False
    for day in _each_day(*span):
        for target in targets:
            if (
                target.per
                and (target.since is None or target.since <= day)
                and (target.until is None or day < target.until)
            ):
                share = target.value * _weight(day, target, calendar, holidays, answer.pacing.get(name, {}))
                found = True
                whole += share
                by_now += share if day < answer.today else 0.0
    return Due(whole, by_now) if found else None


def _weight(
    day: date, target: Target, calendar: Calendar, holidays: frozenset[str], seasonal: dict[date, float]
) -> float:
    """Return the part of the target's own period that falls on the day; the parts of a period add up to one."""
    days = list(_unit(day, target.per or "day", calendar))
    if target.pacing == "business_days":
        working = [each for each in days if each.weekday() < 5 and each.isoformat() not in holidays]
        if working:
            return (day in working) / len(working)
    if target.pacing == "seasonal":
        shape = [seasonal.get(_year_before(each), 0.0) for each in days]
        if sum(shape) > 0:
            return seasonal.get(_year_before(day), 0.0) / sum(shape)
    return 1 / len(days)


def _unit(day: date, grain: Grain, calendar: Calendar) -> Iterator[date]:
    first = calendar.bucket(day, grain)
    yield from _each_day(first, calendar.following(first, grain))


def _year_before(day: date) -> date:
    """The same weekday, 52 weeks earlier."""
    return day - timedelta(days=364)


def _each_day(start: date, end: date) -> Iterator[date]:
    while start < end:
        yield start
        start += DAY
