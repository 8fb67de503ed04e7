"""Periods, buckets and comparisons as whole local days. Comparisons shift calendar periods, never rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sightline.definitions.durations import Length, shift_months
from sightline.definitions.periods import parse_period
from sightline.definitions.schema.metric import Grain
from sightline.definitions.schema.pack import Settings
from sightline.metrics.question import Comparison, Period, QuestionError

MAX_BUCKETS = 5000
_MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}
_WEEK_OFFSET = {"monday": 0, "sunday": 1, "saturday": 2}
DAY = timedelta(days=1)
LAST_HOUR = 23
WEEKS_OF_A_QUARTER = 13


@dataclass(frozen=True)
class Calendar:
    """How one workspace counts days. Hours after `hour` of today have not begun."""

    today: date
    week_start: str = "monday"
    fiscal_year_start: int = 1
    hour: int = LAST_HOUR

    @classmethod
    def of(cls, settings: Settings, today: date, *, hour: int = LAST_HOUR) -> Calendar:
        return cls(today, settings.week_start, settings.fiscal_year_start, hour)

    def period(self, period: str | Period) -> Period:
        """Return the days a preset, a range of dates or a Period means."""
        if isinstance(period, Period):
            return period
        try:
            start, end = parse_period(
                period, today=self.today, week_start=self.week_start, fiscal_year_start=self.fiscal_year_start
            )
        except ValueError as error:
            raise QuestionError(f'period "{period}": {error}') from error
        return Period(start, end, period)

    def so_far(self, period: Period) -> Period:
        """Return the part of the period that has begun: up to and including today."""
        tomorrow = self.today + DAY
        if period.end is None or period.end > tomorrow:
            return Period(period.start, tomorrow, period.name)
        return period

    def comparison(self, period: Period, compare: Comparison) -> Period | None:
        """Return the days to compare with: the same point of an earlier period when this one is still open."""
        if compare in ("none", "target", "peers"):
            return None
        if period.start is None or period.end is None:
            raise QuestionError(
                f'"{period.name}" has no beginning to compare with {compare.replace("_", " ")}',
                hint="Choose a period such as last_90_days, or compare: none.",
            )
        return self._same_point(period, *self._shifted(period, compare), compare)

    def earlier(self, period: Period, step: Length) -> Period:
        """Return the period so long before a bounded one: the same point of it when this one is still open."""
        start, end = _bounds(period)
        name = f"{step} earlier"
        if step.months:
            return self._same_point(
                period, shift_months(start, -step.months), _end_shift(start, end, step.months), name
            )
        return self._same_point(period, step.before(start), step.before(end), name)

    def step(self, length: Length, grain: Grain | None) -> Length:
        """Return how far a bucket of the grain lies behind another. Raises QuestionError where that is between two.

        A quarter of a year is thirteen weeks, so that a week is held against one with the same weekdays.
        """
        if grain == "week" and length.months and length.months % _MONTHS["quarter"] == 0:
            return Length(length.months // _MONTHS["quarter"] * WEEKS_OF_A_QUARTER, "week")
        size = 7 if grain == "week" else _MONTHS.get(grain or "", 0)
        of = length.days if grain == "week" else length.months
        if size and (of == 0 or of % size):
            raise QuestionError(
                f"a figure of {length} before is not a whole number of {grain}s before",
                hint=f"Choose another grain than {grain}.",
            )
        return length

    def _same_point(self, period: Period, start: date, end: date, name: str) -> Period:
        """Return the days from start to end, of an open period only as many as have begun of it."""
        seen = self.so_far(period)
        if period.start is not None and seen.end != period.end and seen.end is not None:
            end = min(end, start + (seen.end - period.start))
        return Period(start, end, name)

    def _shifted(self, period: Period, compare: Comparison) -> tuple[date, date]:
        start, end = _bounds(period)
        if compare == "previous_year":
            return shift_months(start, -12), _end_shift(start, end, 12)
        if compare == "same_weekdays":
            step = timedelta(days=-(-(end - start).days // 7) * 7)
            return start - step, end - step
        months = self._calendar_months(period)
        if months:
            return shift_months(start, -months), _end_shift(start, end, months)
        return start - (end - start), start

    def _calendar_months(self, period: Period) -> int:
        """Return how many months a calendar period spans, 0 when it is a plain number of days."""
        if period.name.endswith("_to_date"):
            return _MONTHS.get(period.name.removesuffix("_to_date"), 0)
        if period.name.endswith(("_days", "_weeks")):  # asked for by number, even when they happen to be a month
            return 0
        start, end = period.start, period.end
        if start and end and start.day == 1 and end.day == 1:
            return (end.year - start.year) * 12 + end.month - start.month
        return 0

    def bucket(self, day: date, grain: Grain) -> date:
        """Return the first day of the bucket the day is in."""
        if grain in ("hour", "day"):
            return day
        if grain == "week":
            return day - timedelta(days=(day.weekday() + _WEEK_OFFSET[self.week_start]) % 7)
        if grain == "month":
            return day.replace(day=1)
        offset = (day.month - self.fiscal_year_start) % _MONTHS[grain]
        return shift_months(day.replace(day=1), -offset)

    def following(self, bucket: date, grain: Grain) -> date:
        """Return the first day of the next bucket."""
        if grain in _MONTHS:
            return shift_months(bucket, _MONTHS[grain])
        return bucket + timedelta(days=7 if grain == "week" else 1)

    def buckets(self, period: Period, grain: Grain) -> list[date] | list[datetime]:
        """Return the buckets that the period touches, in order. Hours are local wall-clock hours."""
        if period.start is None or period.end is None:
            return []
        found: list[date] = []
        current = self.bucket(period.start, grain)
        while current < period.end:
            found.append(current)
            if len(found) > MAX_BUCKETS:
                raise QuestionError(
                    f"{period.start}..{period.end} by {grain} is more than {MAX_BUCKETS} points",
                    hint="Choose a coarser grain or a shorter period.",
                )
            current = self.following(current, grain)
        if grain == "hour":
            return [datetime(day.year, day.month, day.day, hour) for day in found for hour in self._hours(day)]  # noqa: DTZ001 - local wall-clock hours have no zone
        return found

    def _hours(self, day: date) -> range:
        return range(self.hour + 1 if day == self.today else LAST_HOUR + 1)


def _bounds(period: Period) -> tuple[date, date]:
    if period.start is None or period.end is None:
        raise QuestionError(f'"{period.name}" is not bounded')
    return period.start, period.end


def _end_shift(start: date, end: date, months: int) -> date:
    """Return the exclusive end so many months earlier, counted by its last included day."""
    if start.day == 1 and end.day == 1:
        return shift_months(end, -months)
    return shift_months(end - DAY, -months) + DAY
