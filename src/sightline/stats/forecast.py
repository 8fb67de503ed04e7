"""What comes next: a median and two intervals per period, by a model that a back-test has chosen and corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import fmean
from typing import Literal

from sightline.errors import InternalError
from sightline.stats.backtest import Learn, Model, Record, half_width, origins_of, tested
from sightline.stats.simple_forecasts import Simple
from sightline.stats.smoothing import Smoothed, smoothed

FEWEST = 12
"""Values without which nothing is forecast: five things are learned from them, and some must be left for a test."""

FEWEST_SEASONS = 3
"""Whole seasons from which one is learned: one cannot be told from chance, nor two from a trend."""

FIRST_ORIGIN = 8
FEWEST_ORIGINS = 4
SHARES = (0.8, 0.95)

ModelName = Literal["ETS(A,Ad,N)", "ETS(A,Ad,A)", "naive", "drift", "seasonal naive"]
Reason = Literal["too_short", "gaps", "constant", "too_far"]

SMOOTHING: tuple[ModelName, ...] = ("ETS(A,Ad,N)", "ETS(A,Ad,A)")
SEASONAL: tuple[ModelName, ...] = ("ETS(A,Ad,A)", "seasonal naive")


@dataclass(frozen=True)
class Step:
    """One period ahead: the median, and the intervals that hold the value with 80 and with 95 % probability."""

    median: float
    low80: float
    high80: float
    low95: float
    high95: float


@dataclass(frozen=True)
class Backtest:
    """How the model did on values it had not seen: `compared` forecasts, made at `origins` points of the past.

    `error` is the mean absolute error, up to `farthest` steps ahead; `scaled` the same over that of the naive forecast
    of one step (with a season, of one season) within the history (MASE); `share` the sum of the absolute errors over
    that of the values (wMAPE), None where the values are all 0. `benchmark` is the best simple forecast, with its mean
    absolute error. `held80` and `held95` are the shares of what came that the model's own intervals held;
    `widened` is by how much the intervals are wider than those, 1 for not at all.
    """

    origins: int
    compared: int
    farthest: int
    error: float
    scaled: float
    share: float | None
    benchmark: ModelName
    benchmark_error: float
    held80: float
    held95: float
    widened: float


@dataclass(frozen=True)
class Projection:
    """A forecast: its steps, the model that made them and over how many values it was trained.

    `season` is the season that was looked for, 1 where there is none or the history is too short for it.
    """

    steps: tuple[Step, ...]
    model: ModelName
    n: int
    season: int
    backtest: Backtest


@dataclass(frozen=True)
class NoForecast:
    """Why there is no forecast of `n` values.

    `count` is, by the reason: the fewest values needed, the values missing, none, or the most periods there could be.
    """

    reason: Reason
    n: int
    count: int = 0


def forecast(
    values: Sequence[float | None],
    *,
    periods: int,
    season: int = 1,
    lower: float | None = None,
    upper: float | None = None,
) -> Projection | NoForecast:
    """Return the forecast of the next periods, or why there is none. The same values give the same forecast.

    Candidates are exponential smoothing with a damped trend, the same with an additive season where the history has
    three of them, and the naive, drift and seasonal naive forecasts. The one with the least mean absolute error in a
    rolling-origin back-test is taken. Intervals are t intervals of the model, widened where the back-test says that
    they hold less than they promise. `lower` and `upper` bound what the value can be (0; 0 and 1 for a share).

    Raises InternalError for less than one period.
    """
    if periods < 1:
        raise InternalError(f"no forecast of {periods} periods")
    refused = _refused(values, periods)
    if refused is not None:
        return refused
    history = [value for value in values if value is not None]
    own = season if _has_seasons(len(history), season) else 1
    learners = _learners(own)
    origins = origins_of(len(history), first=_first_origin(own))
    tests = {name: tested(learn, history, origins=origins, periods=periods) for name, learn in learners.items()}
    name = min(tests, key=lambda each: tests[each].error)
    model = learners[name](history, tests[name].last)
    report = _report(tests, name, model, history, own)
    steps = tuple(_bounded(each, lower, upper) for each in _steps(model, periods, report.widened))
    return Projection(steps, name, len(history), own, report)


def _refused(values: Sequence[float | None], periods: int) -> NoForecast | None:
    known = [value for value in values if value is not None and isfinite(value)]
    if len(values) < FEWEST:
        return NoForecast("too_short", len(values), FEWEST)
    if len(known) < len(values):
        return NoForecast("gaps", len(values), len(values) - len(known))
    if max(known) == min(known):
        return NoForecast("constant", len(known))
    if periods > len(known) // 2:
        return NoForecast("too_far", len(known), len(known) // 2)
    return None


def _first_origin(season: int) -> int:
    """Return how many values a back-test begins with: two seasons, and more than are learned from them."""
    return max(FIRST_ORIGIN, 2 * season, season + 8) if season > 1 else FIRST_ORIGIN


def _has_seasons(n: int, season: int) -> bool:
    return season > 1 and n >= max(FEWEST_SEASONS * season, _first_origin(season) + FEWEST_ORIGINS)


def _learners(season: int) -> dict[ModelName, Learn]:
    """Return how each candidate is made, the one preferred among equals first."""

    def ets(length: int) -> Learn:
        def learn(values: Sequence[float], near: Model | None) -> Model:
            return smoothed(values, season=length, near=near.weights if isinstance(near, Smoothed) else None)

        return learn

    plain: dict[ModelName, Learn] = {
        "ETS(A,Ad,N)": ets(1),
        "naive": lambda values, _: Simple("naive", tuple(values)),
        "drift": lambda values, _: Simple("drift", tuple(values)),
    }
    if season == 1:
        return plain
    return {
        **plain,
        "ETS(A,Ad,A)": ets(season),
        "seasonal naive": lambda values, _: Simple("seasonal naive", tuple(values), season),
    }


def _report(
    tests: Mapping[ModelName, Record], name: ModelName, model: Model, history: Sequence[float], season: int
) -> Backtest:
    own = tests[name]
    simple = {each: test.error for each, test in tests.items() if each not in SMOOTHING}
    benchmark = min(simple, key=lambda each: simple[each])
    pairs = zip(history, history[season:], strict=False)
    scale = fmean(abs(after - before) for before, after in pairs)
    whole = sum(abs(miss.value) for miss in own.misses)
    return Backtest(
        origins=own.origins,
        compared=len(own.misses),
        farthest=max(miss.step for miss in own.misses),
        error=own.error,
        scaled=own.error / scale if scale else 0.0,
        share=sum(miss.size for miss in own.misses) / whole if whole else None,
        benchmark=benchmark,
        benchmark_error=simple[benchmark],
        held80=own.held(0.8),
        held95=own.held(0.95),
        widened=own.widening(model, shares=SHARES),
    )


def _steps(model: Model, periods: int, widened: float) -> list[Step]:
    found = []
    for median, error in zip(model.medians(periods), model.errors(periods), strict=True):
        inner, outer = (widened * half_width(share, error=error, df=model.df) for share in SHARES)
        found.append(Step(median, median - inner, median + inner, median - outer, median + outer))
    return found


def _bounded(step: Step, lower: float | None, upper: float | None) -> Step:
    """Return the step with nothing beyond what the value can be."""

    def held(value: float) -> float:
        raised = value if lower is None else max(lower, value)
        return raised if upper is None else min(upper, raised)

    return Step(*(held(each) for each in (step.median, step.low80, step.high80, step.low95, step.high95)))
