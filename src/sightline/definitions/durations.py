"""Lengths of time as people write them: 26h, 30 days, 24 months."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

_UNITS = {"m": "minute", "h": "hour", "d": "day"}
_FIXED = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}

Moment = TypeVar("Moment", date, datetime)


@dataclass(frozen=True)
class Length:
    """A number of units. Months, quarters and years follow the calendar; the others are fixed."""

    number: int
    unit: str

    def __str__(self) -> str:
        return f"{self.number} {self.unit}{'' if self.number == 1 else 's'}"

    @property
    def approximate(self) -> timedelta:
        """The length with a month taken as 30.4375 days (for ages, never for calendar arithmetic)."""
        if self.unit in _FIXED:
            return self.number * _FIXED[self.unit]
        return timedelta(days=30.4375 * self.number * _MONTHS[self.unit])

    @property
    def months(self) -> int:
        """How many months it is, 0 for one that the calendar does not stretch."""
        return self.number * _MONTHS.get(self.unit, 0)

    @property
    def days(self) -> int:
        """How many days it is, 0 for one that is counted in months."""
        return (self.number * _FIXED[self.unit]).days if self.unit in _FIXED else 0

    def before(self, moment: Moment) -> Moment:
        """Return the moment this length earlier; a day the month lacks becomes its last day."""
        if self.unit in _FIXED:
            return moment - self.number * _FIXED[self.unit]
        return shift_months(moment, -self.number * _MONTHS[self.unit])


def parse_duration(text: str) -> Length:
    """Return the length written as `26h`, `30 days` or `24 months`. Raises ValueError otherwise."""
    match = re.fullmatch(r"(\d+) ?([a-z]+)", text.strip())
    if not match:
        raise ValueError(f"not a length of time: {text!r}")
    unit = _UNITS.get(match[2], match[2].rstrip("s"))
    if unit not in _FIXED and unit not in _MONTHS:
        raise ValueError(
            f"unknown unit {match[2]!r}; allowed: m, h, d, minutes, hours, days, weeks, months, quarters, years"
        )
    return Length(int(match[1]), unit)


def shift_months(moment: Moment, months: int) -> Moment:
    """Return the same day so many months later; 31 January plus one month is 28 or 29 February."""
    index = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(index, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last_day = (following - timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last_day))
