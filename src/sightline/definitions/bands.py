"""Bands: the comparison that gives a value its status, written in the metric's own unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

ALLOWED = "a comparison such as `>= 0.15`, `< 120`, `>= 15 %`, or a span such as `3..5` (both ends included)"

Status = Literal["excellent", "good", "warning", "critical"]
LADDER: Final[tuple[Status, ...]] = ("excellent", "good", "critical", "warning")
"""The order in which bands are tried: the first that holds is the status."""

_NUMBER = r"([-−]?\d[\d,_]*(?:\.\d+)?|[-−]?\.\d+) ?(%?)"
_COMPARISON = re.compile(rf"(>=|<=|>|<|=) ?{_NUMBER}")
_SPAN = re.compile(rf"{_NUMBER} ?\.\. ?{_NUMBER}")


@dataclass(frozen=True)
class Band:
    """A range of values. A missing bound is open; `low_included` and `high_included` say whether the bound belongs."""

    low: float | None = None
    high: float | None = None
    low_included: bool = True
    high_included: bool = True

    def holds(self, value: float) -> bool:
        """Whether the value lies in this band."""
        if self.low is not None and (value < self.low or (value == self.low and not self.low_included)):
            return False
        return self.high is None or value < self.high or (value == self.high and self.high_included)


def parse_band(text: str) -> Band:
    """Return the band written as `>= 0.15` or `3..5`; `%` divides by a hundred. Raises ValueError otherwise."""
    written = text.strip()
    if match := _COMPARISON.fullmatch(written):
        return _comparison(match[1], _number(match[2], match[3]))
    if match := _SPAN.fullmatch(written):
        low, high = _number(match[1], match[2] or match[4]), _number(match[3], match[4])
        if low > high:
            raise ValueError(f'"{text}" ends below where it begins')
        return Band(low, high)
    raise ValueError(f'"{text}" is not a band; allowed: {ALLOWED}')


def parsed(ranges: object) -> dict[Status, Band]:
    """Return the bands that are declared (attributes by the name of the status), in the order they are tried."""
    written = {status: getattr(ranges, status, None) for status in LADDER}
    return {status: parse_band(text) for status, text in written.items() if text}


def status_in(bands: Mapping[Status, Band], value: float) -> Status | None:
    """Return the status of a value: the first band that holds it, None outside of all."""
    return next((status for status in LADDER if status in bands and bands[status].holds(value)), None)


def _comparison(operator: str, number: float) -> Band:
    match operator:
        case ">=":
            return Band(low=number)
        case ">":
            return Band(low=number, low_included=False)
        case "<=":
            return Band(high=number)
        case "<":
            return Band(high=number, high_included=False)
    return Band(number, number)


def _number(digits: str, percent: str) -> float:
    value = float(digits.replace("−", "-").replace(",", "").replace("_", ""))
    return value / 100 if percent else value
