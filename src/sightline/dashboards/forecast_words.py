"""A forecast in words: its model, what it was trained on, how it did in the back-test, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sightline.dashboards import dates, formats
from sightline.dashboards.units import Unit
from sightline.definitions.schema.metric import Grain
from sightline.metrics.forecast import ForecastStep, SeriesForecast
from sightline.metrics.training import SEASONS, LeftOut
from sightline.stats.forecast import FEWEST_SEASONS, ModelName

MODELS: dict[ModelName, str] = {
    "ETS(A,Ad,N)": "damped-trend smoothing, ETS(A,Ad,N)",
    "ETS(A,Ad,A)": "damped-trend smoothing with a season, ETS(A,Ad,A)",
    "naive": "the last value carried on (naive)",
    "drift": "the last value with its average change (drift)",
    "seasonal naive": "the value of a season before (seasonal naive)",
}
_SEASON_WORDS: dict[Grain, str] = {"day": "week", "month": "year", "quarter": "year"}
_WORTH_SAYING = 1.05
"""By how much intervals are widened before it is told."""


def model_words(series: SeriesForecast, grain: Grain, *, today: date | None = None) -> str:
    """Return the model and what it was trained on, "" where there is no forecast."""
    if series.model is None:
        return ""
    first, last = (dates.bucket(at, grain, today=today) for at in (series.buckets[0], series.buckets[-1]))
    return f"Forecast by {MODELS[series.model]}, trained on {len(series.buckets)} {grain}s, {first} to {last}."


def backtest_words(series: SeriesForecast, unit: Unit) -> str:
    """Return how the model did on values it had not seen, and what follows for its intervals."""
    test = series.backtest
    if test is None:
        return ""
    share = f" ({formats.fixed(test.share * 100, 1)}%)" if test.share is not None and not unit.is_rate else ""
    error = formats.points(test.error) if unit.is_rate else formats.number(test.error, unit, place="prose")
    against = formats.points if unit.is_rate else lambda value: formats.number(value, unit, place="prose")
    beside = f", {against(test.benchmark_error)} by the {test.benchmark} forecast"
    if series.model == test.benchmark:
        beside = "; no other model did better"
    held = f"its 80% intervals held {formats.fixed(test.held80 * 100, 0)}% of {formats.plural(test.compared, 'value')}"
    wider = ", so they are drawn as they are"
    if test.widened >= _WORTH_SAYING:
        wider = f", so they are drawn {formats.fixed(test.widened, 1)} times as wide"
    points = formats.plural(test.origins, "point")
    return f"Back-test from {points} of the past: mean error {error}{share}{beside}; {held}{wider}."


def season_words(series: SeriesForecast, grain: Grain) -> str:
    """Return that the history is too short for a season, "" where it is not or there is none to look for."""
    if series.model is None or grain not in _SEASON_WORDS or series.season == SEASONS[grain]:
        return ""
    whole = _SEASON_WORDS[grain]
    return f"The season of a {whole} is not in it: that takes {FEWEST_SEASONS} whole {whole}s."


def left_out_words(series: SeriesForecast, grain: Grain, unit: Unit, *, today: date | None = None) -> tuple[str, ...]:
    """Return which of the newest buckets were not learned from, and why."""
    return tuple(_left_out(each, grain, unit, today) for each in series.left_out if each.why != "cut")


def _left_out(left: LeftOut, grain: Grain, unit: Unit, today: date | None) -> str:
    first = dates.bucket(left.buckets[0], grain, today=today)
    several = len(left.buckets) > 1
    named = f"The last {len(left.buckets)} {grain}s" if several else first
    is_are = "are" if several else "is"
    so_far = "" if left.so_far is None or unit.is_rate else f" ({formats.number(left.so_far, unit)} so far)"
    if left.why == "running":
        return f"{named} {is_are} still running{so_far}: not learned from."
    if left.why == "maturing":
        return f"{named} still {'mature' if several else 'matures'} and {is_are} not learned from."
    if left.why == "missing":
        return f"{named} {'have' if several else 'has'} no value yet."
    return f"The data does not reach the end of {first}{' and later' if several else ''}: not learned from."


def notes_of(series: SeriesForecast, grain: Grain, unit: Unit, *, today: date | None = None) -> tuple[str, ...]:
    """Return all that is said under a forecast; where there is none, why."""
    if series.refused:
        return (f"No forecast. {series.refused}", *left_out_words(series, grain, unit, today=today))
    told = (model_words(series, grain, today=today), backtest_words(series, unit), season_words(series, grain))
    left_out = left_out_words(series, grain, unit, today=today)
    return (*(each for each in (*told, _running_words(series, grain, today)) if each), *left_out)


def _running_words(series: SeriesForecast, grain: Grain, today: date | None) -> str:
    """Return which bucket ahead has begun, where the period learned from ends before it."""
    if today is None or any(each.why == "running" for each in series.left_out):
        return ""
    begun = [step.period for step in series.steps if step.period <= today]
    return f"{dates.bucket(begun[-1], grain, today=today)} is still running: forecast, and not drawn." if begun else ""


def range_words(step: ForecastStep, unit: Unit, *, share: int = 80) -> tuple[str, str]:
    """Return the ends of an interval."""
    low, high = (step.low80, step.high80) if share == 80 else (step.low95, step.high95)
    return formats.number(low, unit, place="prose"), formats.number(high, unit, place="prose")


def close_words(series: SeriesForecast, grain: Grain, *, today: date | None = None) -> str:
    """Return the name of the last close: the bucket, or of days and weeks their last day."""
    if series.closed_on is None:
        return ""
    if grain in ("day", "week"):
        return dates.day(series.closed_on - timedelta(days=1), today=today)
    return dates.bucket(series.buckets[-1], grain, today=today)


def steps_in_words(series: SeriesForecast, grain: Grain, unit: Unit) -> Iterator[tuple[str, str]]:
    """Yield each bucket ahead with its median and 80 % interval."""
    for step in series.steps:
        low, high = range_words(step, unit)
        median = formats.number(step.median, unit, place="prose")
        yield dates.bucket(step.period, grain), f"{median}, 80% interval {low} to {high}"
