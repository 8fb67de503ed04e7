"""A rolling-origin back-test: what a model would have said at points in the past, against what then came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import fmean
from typing import Protocol

from sightline.errors import InternalError
from sightline.stats.student import LEAST_DF, t_quantile

MOST_ORIGINS = 24
FITS = 4
"""How often a back-test learns anew; between, what was learned goes on with each value."""

LEAST_SHARE = 0.1
"""A past standard error below this part of today's is of a history that had hardly moved yet: it counts as so much."""


class Model(Protocol):
    """A model that has seen some values, and says what comes next."""

    @property
    def df(self) -> int: ...

    def seen(self, value: float) -> Model: ...

    def medians(self, periods: int) -> tuple[float, ...]: ...

    def errors(self, periods: int) -> tuple[float, ...]: ...


Learn = Callable[[Sequence[float], Model | None], Model]
"""Makes a model of some values; the second is the same kind of model of fewer of them, when there is one."""


@dataclass(frozen=True)
class Miss:
    """One forecast of the past: how many steps ahead, what came, what had been said, with its standard error and df."""

    step: int
    value: float
    median: float
    error: float
    df: int

    @property
    def size(self) -> float:
        return abs(self.value - self.median)

    def is_within(self, share: float) -> bool:
        """Whether what came lies in the model's own interval of this share."""
        return self.size <= half_width(share, error=self.error, df=self.df)


@dataclass(frozen=True)
class Record:
    """The back-test of one model: every forecast, and the model as it was at the last origin."""

    misses: tuple[Miss, ...]
    origins: int
    last: Model

    @property
    def error(self) -> float:
        """The mean absolute error over all origins and steps."""
        return fmean(miss.size for miss in self.misses)

    def held(self, share: float) -> float:
        """Return which share of what came the model's own intervals held."""
        return fmean(miss.is_within(share) for miss in self.misses)

    def widening(self, model: Model, *, shares: Sequence[float]) -> float:
        """Return by how much the intervals of the model must be widened for the back-test; never less than 1.

        It is the larger of two: the root mean square of the misses in standard errors, and for each share the quantile
        of the misses against the half width there. The first is steady where the misses are few, the second sees that
        they are not normal.
        """
        most = max(miss.step for miss in self.misses)
        floors = [LEAST_SHARE * error for error in model.errors(most)]
        least = 1e-9 * max(abs(miss.value) for miss in self.misses)
        sizes = sorted(miss.size / max(miss.error, floors[miss.step - 1], least, 1e-300) for miss in self.misses)
        found = [1.0, sqrt(fmean(size * size for size in sizes))]
        for share in shares:
            place = min(len(sizes), ceil((len(sizes) + 1) * share)) - 1
            found.append(sizes[place] / half_width(share, error=1.0, df=model.df))
        return max(found)


def half_width(share: float, *, error: float, df: int) -> float:
    """Return how far an interval of this share reaches from the median."""
    return t_quantile(0.5 + share / 2, df=max(LEAST_DF, df)) * error


def origins_of(n: int, *, first: int) -> list[int]:
    """Return after how many values each forecast of a back-test is made: evenly apart, up to the last but one."""
    start = max(first, n // 2)
    stride = -(-(n - start) // MOST_ORIGINS)
    return sorted(range(n - 1, start - 1, -stride))


def tested(learn: Learn, values: Sequence[float], *, origins: Sequence[int], periods: int) -> Record:
    """Return what the model said at each origin, knowing nothing of what came after. Raises InternalError for none."""
    anew = frozenset(origins[:: -(-len(origins) // FITS)])
    model: Model | None = None
    known, found = 0, list[Miss]()
    for origin in origins:
        if model is None or origin in anew:
            model = learn(values[:origin], model)
        else:
            for value in values[known:origin]:
                model = model.seen(value)
        known = origin
        came = values[origin : origin + periods]
        ahead = zip(came, model.medians(len(came)), model.errors(len(came)), strict=True)
        found += [Miss(step, *each, model.df) for step, each in enumerate(ahead, start=1)]
    if model is None:
        raise InternalError("a back-test without an origin")
    return Record(tuple(found), len(origins), model)
