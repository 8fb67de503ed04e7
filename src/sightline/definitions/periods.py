"""Periods as people name them: presets, and dates with the end excluded."""

from __future__ import annotations

import re
from datetime import date, timedelta

from sightline.definitions.durations import shift_months

ALLOWED = (
    "today, yesterday, last_N_days|weeks|months|quarters|years, this_week|month|quarter|year, "
    "last_week|month|quarter|year, month_to_date, quarter_to_date, year_to_date, all_time, "
    "or 2025-01-01..2025-02-01 (end excluded)"
)

_WEEK_DAYS = {"monday": 0, "saturday": 5, "sunday": 6}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_PRESET = re.compile(r"(this|last)_(?:([1-9]\d{0,3})_)?(day|week|month|quarter|year)(s?)|(month|quarter|year)_to_date")
_DATES = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")

Bounds = tuple[date | None, date | None]


def parse_period(text: str, *, today: date, week_start: str = "monday", fiscal_year_start: int = 1) -> Bounds:
    """Return the first day and the day after the last; (None, None) is all time. Raises ValueError otherwise.

    `last_N_days` are the N complete days before today, `last_N_months` the complete months before this one, `this_…`
    runs to the end of its unit, `…_to_date` through today. Quarters and years follow the fiscal year.
    """
    written = text.strip()
    if written == "all_time":
        return None, None
    if dates := _DATES.fullmatch(written):
        return _between(dates[1], dates[2])
    try:
        return _preset(written, today, _Units(week_start, fiscal_year_start))
    except OverflowError:
        raise ValueError(f'period "{text}" begins before the calendar does') from None


def is_period(text: str) -> bool:
    """Whether this is a period that `parse_period` understands."""
    try:
        parse_period(text, today=date(2024, 2, 29))
    except ValueError:
        return False
    return True


class _Units:
    """Where a unit of time begins, in this workspace's calendar."""

    def __init__(self, week_start: str, fiscal_year_start: int) -> None:
        if week_start not in _WEEK_DAYS:
            raise ValueError(f'a week cannot start on "{week_start}"; allowed: {", ".join(_WEEK_DAYS)}')
        self.week_day = _WEEK_DAYS[week_start]
        self.first_month = fiscal_year_start

    def floor(self, day: date, unit: str) -> date:
        """Return the first day of the unit that holds this day."""
        if unit == "day":
            return day
        if unit == "week":
            return day - timedelta(days=(day.weekday() - self.week_day) % 7)
        months_in = 0 if unit == "month" else (day.month - self.first_month) % _MONTHS[unit]
        return shift_months(day.replace(day=1), -months_in)

    def shift(self, first: date, number: int, unit: str) -> date:
        """Return the first day of the unit so many units later."""
        if unit in _MONTHS:
            try:
                return shift_months(first, number * _MONTHS[unit])
            except ValueError as error:
                raise OverflowError from error
        return first + timedelta(days=number * (7 if unit == "week" else 1))


def _preset(text: str, today: date, units: _Units) -> Bounds:
    if text in ("today", "yesterday"):
        first = today - timedelta(days=text == "yesterday")
        return first, first + timedelta(days=1)
    match = _PRESET.fullmatch(text)
    if not match or not _is_sound(match):
        raise ValueError(f'"{text}" is not a period; allowed: {ALLOWED}')
    if match[5]:
        return units.floor(today, match[5]), today + timedelta(days=1)
    unit = match[3]
    current = units.floor(today, unit)
    if match[1] == "this":
        return current, units.shift(current, 1, unit)
    return units.shift(current, -int(match[2] or 1), unit), current


def _is_sound(match: re.Match[str]) -> bool:
    """Numbers go with plurals and `last`; a single day is called today or yesterday."""
    which, number, unit, plural = match[1], match[2], match[3], match[4]
    if match[5]:
        return True
    if number:
        return which == "last" and (bool(plural) or number == "1")
    return not plural and unit != "day"


def _between(start: str, end: str) -> Bounds:
    try:
        first, after = date.fromisoformat(start), date.fromisoformat(end)
    except ValueError as error:
        raise ValueError(f'"{start}..{end}" is not a period: {error}') from None
    if first >= after:
        raise ValueError(f'"{start}..{end}" is not a period: it ends before it begins (the end is excluded)')
    return first, after
