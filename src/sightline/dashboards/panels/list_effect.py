"""Whether a metric moved after what a row of a list did: as long before it began as after it was done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sightline.dashboards import dates, formats
from sightline.dashboards.cadence import grain_of
from sightline.dashboards.page import Page, PlannedQuestion, Slot
from sightline.dashboards.panels.frame import Answers
from sightline.dashboards.view import Cell
from sightline.definitions.schema.list_panels import Effect
from sightline.definitions.schema.metric import Grain
from sightline.metrics.answer import Answer
from sightline.metrics.answer import Cell as Number
from sightline.metrics.plan import rows_known_by
from sightline.metrics.question import Period, Question

Record = Mapping[str, Any]
FLAT = 1e-12
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Windows:
    """Whole periods of the metric's cadence: those before the day it began, and as many after the day it was done."""

    before: Period
    after: Period


def columns_of(effect: Effect) -> tuple[str, ...]:
    """Return the columns that it reads."""
    return (effect.started, effect.done, *_PLACE.findall(effect.metric))


def metric_of(effect: Effect, record: Record) -> str:
    """Return the name of the row's metric."""
    return _PLACE.sub(lambda found: str(record.get(found[1])), effect.metric)


def questions(effect: Effect, records: list[dict[str, Any]], *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the questions of the rows whose windows are over, by metric and window."""
    found: dict[str, Question] = {}
    for record in records:
        name, windows = metric_of(effect, record), _windows(effect, record, slot.page)
        if windows is not None and _is_over(windows, slot.page):
            for period in (windows.before, windows.after):
                found[_key(name, period)] = Question((name,), period=period)
    return tuple(PlannedQuestion(key, question) for key, question in found.items())


def effect_cell(effect: Effect, record: Record, *, slot: Slot, answers: Answers) -> Cell:
    """Return how the metric moved, by its direction; or that it is too early to say, and until when."""
    page, name = slot.page, metric_of(effect, record)
    if name not in page.catalog.metrics:
        return Cell(formats.MISSING)
    if record[effect.started] is None or record[effect.done] is None:
        return _early("not begun" if record[effect.started] is None else "not done")
    windows = _windows(effect, record, page)
    if windows is None or windows.after.end is None:
        return Cell(formats.MISSING)
    last = windows.after.end - timedelta(days=1)
    both = [answers.get(_key(name, period)) for period in (windows.before, windows.after)]
    if not _is_over(windows, page) or not all(_is_known(each, name, windows) for each in both if each is not None):
        return _early(f"until {dates.day(last, today=page.today)}")
    before, after = (each.cell(0, name) if each is not None and each.n_rows else None for each in both)
    return compared(name, before, after, page)


def compared(name: str, before: Number | None, after: Number | None, page: Page) -> Cell:
    """Return how the metric moved between two figures, unless one of them is none to judge by."""
    if before is None or before.value is None or after is None or after.value is None:
        return Cell("No value", status="none", reason="before" if before is None or before.value is None else "after")
    few = next((when for when, each in (("before", before), ("after", after)) if each.state == "too_few"), "")
    if few:
        return Cell("No value", status="none", reason=f"too few {few}")
    if before.maturing is not None or after.maturing is not None:  # a young cohort still rises
        return _early("still maturing")
    return _moved(name, before.value, after.value, page)


def _moved(name: str, before: float, after: float, page: Page) -> Cell:
    metric, unit = page.catalog.metric(name), page.unit(name)
    change = after - before
    if metric.unit != "percent" and before:
        size = formats.change_size(change / abs(before), "relative", unit)
    else:
        size = formats.change_size(change, "difference", unit)
    signed = f"{'+' if change > 0 else formats.MINUS}{size}"
    between = f"{formats.number(before, unit)} to {formats.number(after, unit)}"
    if abs(change) <= FLAT:
        return Cell("Unchanged", status="none", reason=between, raw=f"Unchanged, {between}")
    if metric.direction == "neutral":
        return Cell(signed, status="none", reason=between, raw=f"{signed}, {between}")
    is_better = (change > 0) == (metric.direction == "up")
    words = f"{'Better' if is_better else 'Worse'}, {signed}"
    return Cell(words, status="good" if is_better else "warning", reason=between, raw=f"{words}, {between}")


def _early(why: str) -> Cell:
    return Cell("Too early", status="early", reason=why, raw=f"Too early, {why}")


def _windows(effect: Effect, record: Record, page: Page) -> Windows | None:
    """Return the windows of a row; None of one that is not done, or whose metric is not known."""
    metric = page.catalog.metrics.get(metric_of(effect, record))
    if metric is None or record[effect.started] is None or record[effect.done] is None:
        return None
    grain = grain_of(metric.cadence)
    begins = page.calendar.bucket(day_of(record[effect.started], page), grain)
    ends = page.calendar.following(page.calendar.bucket(day_of(record[effect.done], page), grain), grain)
    *_, start = _steps(begins, grain, effect.periods, page)
    end = ends
    for _ in range(effect.periods):
        end = page.calendar.following(end, grain)
    return Windows(Period(start, begins), Period(ends, end))


def _steps(bucket: date, grain: Grain, count: int, page: Page) -> Iterator[date]:
    """Yield the buckets before one, the nearest first."""
    for _ in range(count):
        bucket = page.calendar.bucket(bucket - timedelta(days=1), grain)
        yield bucket


def _is_over(windows: Windows, page: Page) -> bool:
    return windows.after.end is not None and windows.after.end <= page.today


def _is_known(answer: Answer, name: str, windows: Windows) -> bool:
    end = windows.after.end
    return end is not None and answer.horizon.end(rows_known_by((name,), answer.catalog)) >= end


def _key(name: str, period: Period) -> str:
    return f"effect:{name}:{period.start}..{period.end}"


def day_of(value: date | datetime, page: Page) -> date:
    """Return the workspace's day of a date or a moment."""
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(page.catalog.settings.zone)).date()
    return value
