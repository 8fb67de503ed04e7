"""Additive exponential smoothing with a damped trend, with a season or without: ETS(A,Ad,A) and ETS(A,Ad,N).

The state-space form, its estimation by least squares and the variance of its forecasts are those of R. J. Hyndman,
A. B. Koehler, J. K. Ord and R. D. Snyder, "Forecasting with Exponential Smoothing", Springer 2008, chapters 2, 5 and 6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from math import sqrt
from statistics import fmean

from sightline.errors import InternalError

LOW, HIGH = 0.0001, 0.9999
LEAST_DAMPING, MOST_DAMPING = 0.8, 0.98
"""The damping is held where it is told from no trend and from an undamped one (R. J. Hyndman and G. Athanasopoulos,
"Forecasting: Principles and Practice", third edition, section 8.2)."""

_STARTS = ((0.1, 0.4, 0.8), (0.02, 0.3), (0.9, 0.97), (0.05, 0.3))
_FIRST_STEPS, _LAST_STEP = (0.2, 0.2, 0.04, 0.2), 0.05


@dataclass(frozen=True)
class Weights:
    """What a model has learned: how fast level, trend and season follow, and how fast a trend dies out."""

    alpha: float
    beta: float
    phi: float
    gamma: float = 0.0


@dataclass(frozen=True)
class Smoothed:
    """A fitted model after the last value it has seen. `seasons` begins with the season of the next value.

    `squares` is the sum of its squared one-step errors over `n` values, `start` the level and trend it began with.
    """

    weights: Weights
    level: float
    trend: float
    seasons: tuple[float, ...]
    squares: float
    n: int
    start: tuple[float, float]

    @property
    def df(self) -> int:
        """Degrees of freedom: values less what was estimated from them."""
        return self.n - (6 + len(self.seasons) - 1 if self.seasons else 5)

    @property
    def sigma(self) -> float:
        """The standard deviation of a one-step error."""
        return sqrt(self.squares / max(1, self.df))

    def seen(self, value: float) -> Smoothed:
        """Return the model after one more value, its weights unchanged."""
        weights, season = self.weights, self.seasons[0] if self.seasons else 0.0
        carried = weights.phi * self.trend
        error = value - self.level - carried - season
        turned = (*self.seasons[1:], season + weights.gamma * error) if self.seasons else ()
        return replace(
            self,
            level=self.level + carried + weights.alpha * error,
            trend=carried + weights.beta * error,
            seasons=turned,
            squares=self.squares + error * error,
            n=self.n + 1,
        )

    def medians(self, periods: int) -> tuple[float, ...]:
        """Return the forecast of each of the next periods."""
        found, damped, phi = [], 0.0, self.weights.phi
        for step in range(periods):
            damped = phi * (1 + damped)
            season = self.seasons[step % len(self.seasons)] if self.seasons else 0.0
            found.append(self.level + damped * self.trend + season)
        return tuple(found)

    def errors(self, periods: int) -> tuple[float, ...]:
        """Return the standard error of each of the next periods: σ² (1 + Σ c²), c the weight of an earlier error."""
        weights, found, total, damped = self.weights, [], 1.0, 0.0
        for step in range(1, periods + 1):
            found.append(self.sigma * sqrt(total))
            damped = weights.phi * (1 + damped)
            season = weights.gamma if self.seasons and step % len(self.seasons) == 0 else 0.0
            total += (weights.alpha + weights.beta * damped + season) ** 2
        return tuple(found)


def smoothed(values: Sequence[float], *, season: int = 1, near: Weights | None = None) -> Smoothed:
    """Return the model with the least squared one-step errors; with `near`, the search begins at those weights.

    Weights are found by a bounded search that is the same every time; level and trend at the start are exact least
    squares for each weights tried; the season at the start is the mean distance from the centred moving average.
    Raises InternalError for fewer than two seasons, or fewer than six values.
    """
    if len(values) < max(6, 2 * season if season > 1 else 0):
        raise InternalError(f"{len(values)} values are too few for a season of {season}")
    middle = fmean(values)
    scale = fmean(abs(after - before) for before, after in pairwise(values)) or 1.0
    plain = [(value - middle) / scale for value in values]
    seasons = seasonal_start(plain, season) if season > 1 else ()

    def squares(point: tuple[float, ...]) -> float:
        return _least_squares(plain, _weights(point), seasons)

    best = _run(plain, _weights(_least(squares, _starts(near, seasonal=bool(seasons)))), seasons)
    return replace(
        best,
        level=best.level * scale + middle,
        trend=best.trend * scale,
        seasons=tuple(each * scale for each in best.seasons),
        squares=best.squares * scale * scale,
        start=(best.start[0] * scale + middle, best.start[1] * scale),
    )


def seasonal_start(values: Sequence[float], season: int) -> tuple[float, ...]:
    """Return the season of each place: the mean distance from the centred moving average; they add up to zero."""
    half, width = season // 2, season + (season % 2 == 0)
    ends = 0.5 if season % 2 == 0 else 1.0
    apart: list[list[float]] = [[] for _ in range(season)]
    for at in range(half, len(values) - half):
        window = values[at - half : at - half + width]
        average = (sum(window[1:-1]) + ends * (window[0] + window[-1])) / season
        apart[at % season].append(values[at] - average)
    found = [fmean(each) if each else 0.0 for each in apart]
    middle = fmean(found)
    return tuple(each - middle for each in found)


def _weights(point: tuple[float, ...]) -> Weights:
    """Return the weights a point of the search stands for: each as a share of what the others leave it."""
    alpha, slope, phi = point[:3]
    return Weights(alpha, alpha * slope, phi, (1 - alpha) * point[3] if len(point) > 3 else 0.0)


def _starts(near: Weights | None, *, seasonal: bool) -> list[tuple[float, ...]]:
    if near is None:
        return list(product(*_STARTS[: 4 if seasonal else 3]))
    point = (near.alpha, near.beta / near.alpha, near.phi, near.gamma / (1 - near.alpha))
    return [point if seasonal else point[:3]]


def _bounded(place: int, value: float) -> float:
    low, high = (LEAST_DAMPING, MOST_DAMPING) if place == 2 else (LOW, HIGH)
    return min(high, max(low, value))


def _least(of: Callable[[tuple[float, ...]], float], starts: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """Return the point with the least value: from the best start, along each axis and on in what direction helped.

    The pattern search of R. Hooke and T. A. Jeeves, Journal of the ACM 8 (1961), 212-229, within bounds.
    """
    at = min(starts, key=of)
    least, size = of(at), 1.0
    while size > _LAST_STEP:
        moved, value = _explored(of, at, least, size)
        if value >= least * (1 - 1e-6):
            size /= 2
            continue
        onward = tuple(_bounded(place, 2 * new - old) for place, (new, old) in enumerate(zip(moved, at, strict=True)))
        at, least = moved, value
        further = of(onward)
        if further < least:
            at, least = onward, further
    return at


def _explored(
    of: Callable[[tuple[float, ...]], float], at: tuple[float, ...], least: float, size: float
) -> tuple[tuple[float, ...], float]:
    for place in range(len(at)):
        for sign in (1, -1):
            moved = _bounded(place, at[place] + sign * size * _FIRST_STEPS[place])
            tried = (*at[:place], moved, *at[place + 1 :])
            value = of(tried) if moved != at[place] else least
            if value < least:
                at, least = tried, value
                break
    return at, least


def _run(values: Sequence[float], weights: Weights, seasons: tuple[float, ...]) -> Smoothed:
    """Return the model that has seen the values, begun at the level and trend that make its errors least.

    The errors are linear in where it begins: those of a start at zero, less what each unit of level and of trend takes
    off them. So the best start is a regression on two columns.
    """
    nothing, none = [0.0] * len(values), tuple(0.0 for _ in seasons)
    plain = _errors(values, weights, seasons, 0.0, 0.0)
    of_level, of_trend = _errors(nothing, weights, none, 1.0, 0.0), _errors(nothing, weights, none, 0.0, 1.0)
    level, trend = _best_start(plain.errors, of_level.errors, of_trend.errors)
    ends = [
        base + level * one + trend * two
        for base, one, two in zip(plain.state, of_level.state, of_trend.state, strict=True)
    ]
    columns = zip(plain.errors, of_level.errors, of_trend.errors, strict=True)
    squares = sum((base + level * one + trend * two) ** 2 for base, one, two in columns)
    return Smoothed(weights, ends[0], ends[1], tuple(ends[2:]), squares, len(values), (level, trend))


def _least_squares(values: Sequence[float], weights: Weights, seasons: tuple[float, ...]) -> float:
    """Return what `_run` finds, the sum of squares alone: all three passes in one loop, for the search."""
    alpha, beta, phi, gamma = weights.alpha, weights.beta, weights.phi, weights.gamma
    length = len(seasons) or 1
    base, one, two = list(seasons) or [0.0], [0.0] * length, [0.0] * length
    level = trend = level_two = trend_one = 0.0
    level_one = trend_two = 1.0
    yy = aa = bb = ab = ay = by = 0.0
    place = 0
    for value in values:
        carried, carried_one, carried_two = phi * trend, phi * trend_one, phi * trend_two
        y = value - level - carried - base[place]
        a = -level_one - carried_one - one[place]
        b = -level_two - carried_two - two[place]
        yy, aa, bb, ab, ay, by = yy + y * y, aa + a * a, bb + b * b, ab + a * b, ay + a * y, by + b * y
        level, trend = level + carried + alpha * y, carried + beta * y
        level_one, trend_one = level_one + carried_one + alpha * a, carried_one + beta * a
        level_two, trend_two = level_two + carried_two + alpha * b, carried_two + beta * b
        if gamma:
            base[place], one[place], two[place] = (
                base[place] + gamma * y,
                one[place] + gamma * a,
                two[place] + gamma * b,
            )
        place = place + 1 if place + 1 < length else 0
    begun, slope = _solved(aa, bb, ab, -ay, -by)
    return max(0.0, yy + begun * ay + slope * by)  # a perfect fit is nothing, not a rounding error below it


def _best_start(plain: Sequence[float], of_level: Sequence[float], of_trend: Sequence[float]) -> tuple[float, float]:
    aa = sum(one * one for one in of_level)
    bb = sum(two * two for two in of_trend)
    ab = sum(one * two for one, two in zip(of_level, of_trend, strict=True))
    ay = -sum(one * base for one, base in zip(of_level, plain, strict=True))
    by = -sum(two * base for two, base in zip(of_trend, plain, strict=True))
    return _solved(aa, bb, ab, ay, by)


def _solved(aa: float, bb: float, ab: float, ay: float, by: float) -> tuple[float, float]:
    """Return the two coefficients of a regression by its normal equations."""
    whole = aa * bb - ab * ab
    if whole <= 1e-12 * aa * bb:  # the two cannot be told apart
        return ay / aa, 0.0
    return (ay * bb - by * ab) / whole, (by * aa - ay * ab) / whole


@dataclass(frozen=True)
class _Pass:
    """The one-step errors of a start, and where the model stands after them: level, trend, the seasons to come."""

    errors: list[float]
    state: tuple[float, ...]


def _errors(values: Sequence[float], weights: Weights, seasons: tuple[float, ...], level: float, trend: float) -> _Pass:
    alpha, beta, phi, gamma = weights.alpha, weights.beta, weights.phi, weights.gamma
    found: list[float] = []
    if not seasons:
        for value in values:
            carried = phi * trend
            error = value - level - carried
            level += carried + alpha * error
            trend = carried + beta * error
            found.append(error)
        return _Pass(found, (level, trend))
    turning, length, place = list(seasons), len(seasons), 0
    for value in values:
        carried = phi * trend
        error = value - level - carried - turning[place]
        level += carried + alpha * error
        trend = carried + beta * error
        turning[place] += gamma * error
        place = place + 1 if place + 1 < length else 0
        found.append(error)
    return _Pass(found, (level, trend, *turning[place:], *turning[:place]))
