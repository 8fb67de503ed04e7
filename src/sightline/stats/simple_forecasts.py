"""The forecasts that any other must beat: the last value, the last value with its drift, the last season.

Formulas of forecast and variance: R. J. Hyndman and G. Athanasopoulos, "Forecasting: Principles and Practice", third
edition, sections 5.2 and 5.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

Kind = Literal["naive", "drift", "seasonal naive"]


@dataclass(frozen=True)
class Simple:
    """One simple forecast from some history. `season` is 1 where it has none."""

    kind: Kind
    history: tuple[float, ...]
    season: int = 1

    @property
    def df(self) -> int:
        """Degrees of freedom: differences of which the spread is taken, less the drift where there is one."""
        return len(self.history) - self.season - (self.kind == "drift")

    @property
    def slope(self) -> float:
        """What each period adds."""
        return (self.history[-1] - self.history[0]) / (len(self.history) - 1) if self.kind == "drift" else 0.0

    @property
    def sigma(self) -> float:
        """The standard deviation of an error one period (or one season) ahead."""
        pairs = zip(self.history, self.history[self.season :], strict=False)
        return sqrt(sum((after - before - self.slope) ** 2 for before, after in pairs) / max(1, self.df))

    def seen(self, value: float) -> Simple:
        """Return the forecast after one more value."""
        return Simple(self.kind, (*self.history, value), self.season)

    def medians(self, periods: int) -> tuple[float, ...]:
        """Return the forecast of each of the next periods."""
        last = self.history[-self.season :]
        return tuple(last[step % self.season] + (step + 1) * self.slope for step in range(periods))

    def errors(self, periods: int) -> tuple[float, ...]:
        """Return the standard error of each of the next periods."""
        steps = range(1, periods + 1)
        if self.kind == "drift":
            return tuple(self.sigma * sqrt(step * (1 + step / (len(self.history) - 1))) for step in steps)
        return tuple(self.sigma * sqrt((step - 1) // self.season + 1) for step in steps)
