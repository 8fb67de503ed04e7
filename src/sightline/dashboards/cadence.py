"""Whether the value of a metric is there when it is expected: the last one, the next one due, and how late it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sightline.dashboards import dates, formats
from sightline.dashboards.merging import datasets_read
from sightline.dashboards.page import Page, Slot, asked
from sightline.dashboards.reading import buckets
from sightline.definitions.schema.dashboard import AnyPanel
from sightline.definitions.schema.metric import Cadence, Grain, Metric
from sightline.definitions.schema.panel import Compare
from sightline.metrics.answer import Answer
from sightline.metrics.question import Question
from sightline.metrics.training import OF_CADENCE


@dataclass(frozen=True)
class Entry:
    """The last value: the day it reaches, in words, the day the next is due by, and how many days that is past."""

    last_on: date | None
    last_words: str
    due_on: date | None = None
    late_days: int = 0

    @property
    def is_overdue(self) -> bool:
        return self.late_days > 0

    def due_words(self, page: Page) -> str:
        """Return when the next value is expected, or how long it is overdue."""
        if self.due_on is None:
            return formats.MISSING
        if self.is_overdue:
            return f"Overdue by {formats.plural(self.late_days, 'day')}"
        return dates.day(self.due_on, today=page.today)

    def since_words(self, page: Page) -> str:
        """Return the day that has passed, "" for a value that is not overdue."""
        return f"due by {dates.day(self.due_on, today=page.today)}" if self.is_overdue and self.due_on else ""


def grain_of(cadence: Cadence | None) -> Grain:
    """Return the buckets in which a metric of this cadence is looked at."""
    return OF_CADENCE[cadence] if cadence else "month"


def recent_buckets(grain: Grain, page: Page) -> str:
    """Return the days of the last 13 buckets, with the one that is still open."""
    start = page.calendar.bucket(page.today, grain)
    end = page.calendar.following(start, grain)
    for _ in range(12):
        start = page.calendar.bucket(start - timedelta(days=1), grain)
    return f"{start}..{end}"


def course_question(panel: AnyPanel, name: str, slot: Slot) -> Question:
    """Return the question of a metric's course: 13 buckets of its cadence up to now, in the panel's filters."""
    grain = grain_of(slot.catalog.metric(name).cadence)
    return asked(panel, slot.selection, (name,), grain=grain, period=recent_buckets(grain, slot.page))


def usual_period(metric: Metric) -> tuple[str, Compare]:
    """Return period and comparison of a metric where nobody chose any: a year when its values come monthly or rarer."""
    if metric.cadence is None or grain_of(metric.cadence) in ("day", "week"):
        return "last_90_days", "previous_period"
    return "last_12_months", "previous_year"


def entry(metric: str, *, page: Page, course: Answer | None) -> Entry:
    """Return how a metric keeps its cadence, from its course in buckets of that cadence up to now.

    The next value is due by the end of the bucket after the last one. Several measures may share a dataset, so its
    newest row is taken as the measure's own only where it lies in the measure's last bucket with a value.
    """
    cadence = page.catalog.metric(metric).cadence
    grain = grain_of(cadence)
    through = _through(metric, page, course)
    last = _last_bucket(metric, course)
    if last is None:
        return _late(page, cadence, None, formats.MISSING, since=None)
    after = page.calendar.following(last, grain)
    if through is not None and last <= through < after:
        return _late(page, cadence, through, dates.day(through, today=page.today), since=last)
    return _late(page, cadence, after - timedelta(days=1), dates.bucket(last, grain, today=page.today), since=last)


def _late(page: Page, cadence: Cadence | None, on: date | None, words: str, *, since: date | None) -> Entry:
    if cadence is None or since is None:
        return Entry(on, words)
    grain = OF_CADENCE[cadence]
    expected = page.calendar.following(since, grain)
    due = page.calendar.following(expected, grain) - timedelta(days=1)
    return Entry(on, words, due, max(0, (page.today - due).days))


def _through(metric: str, page: Page, course: Answer | None) -> date | None:
    if course is None:
        return None
    own = datasets_read((metric,), page.catalog)
    known = [source.data_through for source in course.sources if source.dataset in own]
    found = [each for each in known if each is not None]
    zone = ZoneInfo(page.catalog.settings.zone)
    return min(found).astimezone(zone).date() if found and len(found) == len(known) else None


def _last_bucket(metric: str, course: Answer | None) -> date | None:
    if course is None or course.question.grain is None:
        return None
    filled = [
        at
        for row, at in enumerate(buckets(course))
        if (cell := course.cell(row, metric)).value is not None and (cell.n is None or cell.n > 0)
    ]
    return max(filled) if filled else None
