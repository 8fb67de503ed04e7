"""What the course of a metric says of its status: periods that were worse, when it comes to its target at its pace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from sightline.dashboards.cadence import course_question, grain_of
from sightline.dashboards.page import Page, PlannedQuestion, Slot
from sightline.dashboards.reading import buckets
from sightline.definitions.durations import parse_duration
from sightline.definitions.schema.dashboard import AnyPanel
from sightline.definitions.schema.metric import Direction, Grain
from sightline.definitions.schema.status import StatusRule
from sightline.definitions.status_rules import NO_RULE, status_rule
from sightline.metrics.answer import Answer, Cell
from sightline.metrics.plan import rows_known_by

LONGEST = timedelta(days=36_500)
FLAT = 1e-12


@dataclass(frozen=True)
class Trend:
    """`worse_for` whole periods of the grain running, each worse than the one before, up to the newest.

    `reaches_on` is the day it comes to its target at its pace, `by` the last day that is soon enough. `is_worse` is
    against the comparison period; None without one.
    """

    rule: StatusRule = NO_RULE
    grain: Grain = "month"
    worse_for: int = 0
    reaches_on: date | None = None
    by: date | None = None
    is_worse: bool | None = None

    @property
    def is_on_course(self) -> bool:
        """Whether it comes to its target in time."""
        return self.reaches_on is not None and self.by is not None and self.reaches_on <= self.by

    @property
    def is_slipping(self) -> bool:
        """Whether it has been worse for as long as its rule says."""
        return self.rule.worse_for is not None and self.worse_for >= self.rule.worse_for


def planned_course(panel: AnyPanel, name: str, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the question of a metric's course under the name "course", where its status depends on it."""
    if not status_rule(name, slot.catalog).worse_for:
        return ()
    return (PlannedQuestion("course", course_question(panel, name, slot)),)


def trend_of(cell: Cell, answer: Answer, course: Answer | None, page: Page) -> Trend | None:
    """Return what the course says, None where no rule asks for it. `course` is in buckets of the metric's cadence."""
    rule = status_rule(cell.metric, page.catalog)
    metric = page.catalog.metric(cell.metric)
    if rule == NO_RULE or metric.direction == "neutral" or cell.value is None:
        return None
    reaches_on, by = _arrival(cell, answer, rule, page, metric.direction)
    return Trend(
        rule=rule,
        grain=grain_of(metric.cadence),
        worse_for=worse_run(_whole_values(cell.metric, course, page), metric.direction),
        reaches_on=reaches_on,
        by=by,
        is_worse=None if cell.change is None else cell.good is False,
    )


def worse_run(values: Sequence[float], direction: Direction) -> int:
    """Return how many steps at the end of the values each went the wrong way."""
    sign = -1 if direction == "down" else 1
    found = 0
    for earlier, later in zip(reversed(values[:-1]), reversed(values[1:]), strict=True):
        if sign * (later - earlier) >= -FLAT:
            break
        found += 1
    return found


def _whole_values(name: str, course: Answer | None, page: Page) -> list[float]:
    """Return the values of the newest buckets that are whole and known, without a gap, the oldest first."""
    if course is None or course.question.grain is None:
        return []
    grain = course.question.grain
    known = course.horizon.end(rows_known_by((name,), course.catalog))
    found: list[float] = []
    for row, at in reversed(list(enumerate(buckets(course)))):
        cell = course.cell(row, name)
        if page.calendar.following(at, grain) > known:
            continue
        if cell.value is None or cell.state != "ok" or cell.maturing is not None:
            if found:
                break
            continue
        found.append(cell.value)
    return found[::-1]


def _arrival(
    cell: Cell, answer: Answer, rule: StatusRule, page: Page, direction: Direction
) -> tuple[date | None, date | None]:
    """Return the day a level comes to its target if it goes on as since the comparison period, and the last in time."""
    now, before = answer.period.end, answer.comparison.end if answer.comparison else None
    if rule.reaches_target_in is None or cell.value is None or cell.previous is None or cell.target is None:
        return None, None
    if now is None or before is None or now <= before or cell.expected != cell.target:
        return None, None
    sign = -1 if direction == "down" else 1
    gained = sign * (cell.value - cell.previous)
    missing = sign * (cell.target - cell.value)
    if gained <= FLAT or missing <= 0:
        return None, None
    needed = ceil(missing / gained * (now - before).days - FLAT * LONGEST.days)
    ends = cell.due_by or page.today + parse_duration(rule.reaches_target_in).approximate
    return (page.today + timedelta(days=needed) if needed < LONGEST.days else None), ends
