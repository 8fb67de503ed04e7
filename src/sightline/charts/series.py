"""What a chart is drawn from: plain series, with every number also as the words people read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any, Literal

Spec = dict[str, Any]


@dataclass(frozen=True)
class Axis:
    """How the numbers of an axis are written: sign before, suffix after. Percent values are shares (0.1 is 10 %)."""

    prefix: str = ""
    suffix: str = ""
    percent: bool = False
    title: str = ""

    def label(self, top: float) -> str:
        """Return the Vega expression that writes a tick of an axis that ends at `top`: $15K, 2.5%, 1,200."""
        if self.percent:
            return "format(datum.value * 100, ',.6~r') + '%'"
        short = "replace(replace(format(abs(datum.value), '.3~s'), 'G', 'B'), 'k', 'K')"
        number = short if top >= 10_000 else "format(abs(datum.value), ',.4~r')"
        sign = "(datum.value < 0 ? '−' : '')"
        return f"{sign} + {_quoted(self.prefix)} + {number} + {_quoted(self.suffix)}"


@dataclass(frozen=True)
class Point:
    """One value. `at` is an ISO date or a category; `partial` when its bucket is not whole."""

    at: str
    value: float | None
    words: str
    partial: bool = False


@dataclass(frozen=True)
class Line:
    """One series. A comparison is drawn thin and grey."""

    label: str
    points: tuple[Point, ...]
    style: Literal["actual", "comparison"] = "actual"


@dataclass(frozen=True)
class Reference:
    """A dashed line across the chart with its name: a target, a benchmark, a median."""

    value: float
    label: str


@dataclass(frozen=True)
class Event:
    """A dashed vertical with a short label: something that happened. `at` is an ISO date or time."""

    at: str
    label: str


@dataclass(frozen=True)
class FanStep:
    """One point ahead: the median and the intervals, each also in words."""

    at: str
    median: float
    inner: tuple[float, float]
    outer: tuple[float, float]
    words: str
    inner_words: tuple[str, str]
    outer_words: tuple[str, str]


@dataclass(frozen=True)
class Fan:
    """What comes after the last point of a line: `closed` names its last close, `ahead` what lies beyond it."""

    start: Point
    steps: tuple[FanStep, ...]
    closed: str
    ahead: str

    @property
    def values(self) -> tuple[float, ...]:
        """Every value the fan reaches."""
        return (self.start.value or 0.0, *(value for step in self.steps for value in (step.median, *step.outer)))


@dataclass(frozen=True)
class Dot:
    """One member of a scatter. `group` picks colour and shape; `size` is a third number."""

    label: str
    x: float
    y: float
    words: str
    group: str = ""
    size: float | None = None


def nice_top(value: float, steps: int = 4) -> float:
    """Return the end of an axis: the smallest 1, 2, 2.5 or 5 × 10ⁿ grid of so many steps that holds the value."""
    if value < 1e-12:  # nothing to see, and its logarithm may not exist
        return 1.0
    raw = value / steps
    scale = 10.0 ** floor(log10(raw))
    step = next(factor * scale for factor in (1, 2, 2.5, 5, 10) if factor * scale >= raw * (1 - 1e-9))
    needed = -(-value // step) if value / step > round(value / step) + 1e-9 else round(value / step)
    return float(f"{step * max(1, needed):.12g}")


def domain(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of a value axis: always with zero, rounded outwards."""
    high = nice_top(max([0.0, *values])) if any(value > 0 for value in values) else 0.0
    low = -nice_top(-min([0.0, *values])) if any(value < 0 for value in values) else 0.0
    return (low, high) if high > low else (0.0, 1.0)


def near_domain(values: Sequence[float]) -> tuple[float, float] | None:
    """Return the ends of an axis that begins near values far from zero; None where it should begin at zero.

    Far is where they move by less than a quarter of the largest: from zero their course would be a flat line.
    """
    least, most = min(values, default=0.0), max(values, default=0.0)
    if least <= 0 or most - least > most / 4:
        return None
    step = nice_top(max(most - least, most / 50)) / 4
    low, high = floor(least / step - 0.25) * step, -floor(-most / step - 0.25) * step  # neither end on a grid line
    high = 1.0 if most <= 1 < high else high
    low = low - step if high - low < 2 * step else low
    return (float(f"{low:.12g}"), float(f"{high:.12g}")) if low > 0 else None


def apart(places: Mapping[str, float], gap: float) -> dict[str, float]:
    """Return the places (pixels from the top) moved so that neighbours are at least `gap` apart, order kept."""
    order = sorted(places, key=lambda name: places[name])
    moved: dict[str, float] = {}
    for index, name in enumerate(order):
        least = moved[order[index - 1]] + gap if index else float("-inf")
        moved[name] = max(places[name], least)
    if order:
        # Half of what the last one was pushed down is given back, so that the group stays around its lines.
        back = (moved[order[-1]] - places[order[-1]]) / 2
        moved = {name: place - back for name, place in moved.items()}
    return moved


def _quoted(text: str) -> str:
    # JSON's quoting is valid for a Vega string; a single quote needs none.
    return json.dumps(text, ensure_ascii=False)
