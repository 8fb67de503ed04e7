"""A forecast of a metric: what it learned from, what comes next with intervals, and how well it would have done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sightline.definitions.policy import Viewer
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.metric import Funnel, Grain, Metric, Retention
from sightline.lake.snapshot import Snapshot
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.calendar import DAY, Calendar
from sightline.metrics.question import Period, Question, QuestionError
from sightline.metrics.refusals import refusal
from sightline.metrics.result import Column, SourceState
from sightline.metrics.training import (
    GRAINS,
    MOST_BUCKETS,
    OF_CADENCE,
    SEASONS,
    LeftOut,
    Training,
    bounds_of,
    trainings,
)
from sightline.metrics.warehouse import Warehouse
from sightline.stats.forecast import Backtest, ModelName, NoForecast, Projection
from sightline.stats.forecast import forecast as projected

USUAL_PERIODS: dict[Grain, int] = {"day": 14, "week": 6, "month": 6, "quarter": 4, "year": 2}
"""How far a forecast goes where nobody says."""

MOST_PERIODS = 366
MOST_SERIES = 40


@dataclass(frozen=True)
class ForecastStep:
    """One bucket ahead, by its first day: the median and the intervals that hold the value with 80 and 95 %."""

    period: date
    median: float
    low80: float
    high80: float
    low95: float
    high95: float


@dataclass(frozen=True)
class SeriesForecast:
    """The forecast of one group: `key` and `labels` are its members, () without groups.

    `refused` says in words why there are no steps; it is empty when there are. `buckets` are those it was trained on,
    `closed_on` the day after the last of them. `season` is the season that was looked for, 1 for none.
    """

    key: tuple[Any, ...]
    labels: tuple[str, ...]
    buckets: tuple[date, ...]
    values: tuple[float, ...]
    closed_on: date | None
    left_out: tuple[LeftOut, ...]
    steps: tuple[ForecastStep, ...] = ()
    model: ModelName | None = None
    season: int = 1
    backtest: Backtest | None = None
    refused: str = ""


@dataclass(frozen=True)
class Forecast:
    """A forecast with what explains it: the question its history is the answer to, snapshot and sources."""

    metric: str
    label: str
    unit: str
    grain: Grain
    periods: int
    question: Question
    dimensions: tuple[Column, ...]
    series: tuple[SeriesForecast, ...]
    period: Period
    zone: str
    snapshot: int
    sources: tuple[SourceState, ...]
    asked_at: datetime
    notes: tuple[str, ...]


def forecast(
    question: Question,
    viewer: Viewer,
    *,
    warehouse: Warehouse,
    now: datetime,
    periods: int,
    at: Snapshot | None = None,
) -> Forecast:
    """Return the forecast of one metric by the question's grain, a series per group, as this viewer may know it.

    The question's period is what it learns from; all time is the last 365 days, 260 weeks, 120 months, 60 quarters or
    60 years. Buckets that have not ended, that the data does not reach the end of, or whose cohorts still mature are
    left out. What cannot be forecast is refused in the words of its series. Raises QuestionError for a question that
    has no forecast at all, NotAllowed as `ask` does.
    """
    check_question(question, periods=periods)
    today = now.astimezone(ZoneInfo(warehouse.catalog.settings.zone)).date()
    history = history_of(question, calendar=Calendar.of(warehouse.catalog.settings, today))
    answer = ask(history, viewer, warehouse=warehouse, now=now, at=at)
    check_metric(answer)
    return forecast_of(answer, question.metrics[0], periods=periods)


def usual_grain(metric: Metric) -> Grain:
    """Return the buckets in which a metric is forecast where nobody says: those of its cadence, else months."""
    return OF_CADENCE[metric.cadence] if metric.cadence else "month"


def usual_periods(question: Question, periods: int | None) -> int:
    """Return how far to go: as said, else what is usual for the question's grain."""
    return periods if periods is not None else USUAL_PERIODS.get(question.grain or "month", 1)


def check_question(question: Question, *, periods: int) -> None:
    """Raise QuestionError for a question that has no forecast."""
    if len(question.metrics) != 1:
        raise QuestionError(f"{len(question.metrics)} metrics cannot be forecast together", hint="Name one.")
    if question.grain not in GRAINS:
        seen = f'"{question.grain}"' if question.grain else "no grain"
        raise QuestionError(f"{seen} cannot be forecast", hint=f"Choose {', '.join(GRAINS[:-1])} or {GRAINS[-1]}.")
    if question.compare != "none" or question.limit is not None:
        raise QuestionError("a forecast has neither a comparison nor a limit", hint="Leave both out.")
    if not 1 <= periods <= MOST_PERIODS:
        raise QuestionError(f"{periods} periods cannot be forecast", hint=f"Choose 1 to {MOST_PERIODS}.")


def check_metric(answer: Answer) -> None:
    """Raise QuestionError for a metric without a single value per bucket, or more groups than are forecast."""
    name = answer.question.metrics[0]
    metric = answer.catalog.metric(name)
    if isinstance(metric, Funnel | Retention):
        raise QuestionError(
            f'"{name}" is a {metric.type}: it has no one value to forecast', hint="Name a metric with one."
        )


def history_of(question: Question, *, calendar: Calendar) -> Question:
    """Return the question whose answer is learned from: of a bounded period, so that empty buckets are seen."""
    grain = question.grain or "month"
    period = calendar.period(question.period)
    end = period.end or calendar.following(calendar.bucket(calendar.today, grain), grain)
    start = calendar.bucket(min(end, calendar.today), grain)
    for _ in range(MOST_BUCKETS[grain]):
        start = calendar.bucket(start - DAY, grain)
    if period.start is not None:
        start = max(start, period.start)
    return replace(question, period=f"{start}..{end}", compare="none", order=(), limit=None)


def forecast_of(answer: Answer, name: str, *, periods: int) -> Forecast:
    """Return the forecast that an answer over time gives. It is kept with the answer, and so never stale.

    When it was asked, of which snapshot and how late its sources are now is that of the answer.
    """
    key = (name, periods)
    known = answer.read.made.get(key)
    if not isinstance(known, Forecast):
        known = answer.read.made[key] = _made(answer, name, periods)
    if known.asked_at == answer.asked_at:
        return known
    return replace(known, asked_at=answer.asked_at, snapshot=answer.snapshot.id, sources=answer.sources)


def _made(answer: Answer, name: str, periods: int) -> Forecast:
    metric = answer.catalog.metric(name)
    series = trainings(answer, name)
    if len(series) > MOST_SERIES:
        raise QuestionError(
            f"{len(series)} groups are more than are forecast at once",
            hint=f"Filter, or group by something with at most {MOST_SERIES} members.",
        )
    return Forecast(
        metric=name,
        label=label_of(name, metric.label),
        unit=metric.unit,
        grain=answer.question.grain or "month",
        periods=periods,
        question=answer.question,
        dimensions=tuple(column for column in answer.columns if column.role in ("dimension", "label")),
        series=tuple(_forecast(answer, name, each, periods) for each in series),
        period=answer.period,
        zone=answer.zone,
        snapshot=answer.snapshot.id,
        sources=answer.sources,
        asked_at=answer.asked_at,
        notes=answer.notes,
    )


def _forecast(answer: Answer, name: str, training: Training, periods: int) -> SeriesForecast:
    grain = answer.question.grain or "month"
    calendar = Calendar.of(answer.catalog.settings, answer.today)
    lower, upper = bounds_of(answer.catalog.metric(name), training.values)
    made = projected(training.values, periods=periods, season=SEASONS.get(grain, 1), lower=lower, upper=upper)
    base = SeriesForecast(
        key=training.key,
        labels=training.labels,
        buckets=training.buckets,
        values=tuple(value for value in training.values if value is not None),
        closed_on=calendar.following(training.buckets[-1], grain) if training.buckets else None,
        left_out=training.left_out,
    )
    if isinstance(made, NoForecast):
        return replace(base, refused=refusal(made, training, grain))
    return replace(
        base,
        steps=_steps(made, calendar.following(training.buckets[-1], grain), grain, calendar),
        model=made.model,
        season=made.season,
        backtest=made.backtest,
    )


def _steps(made: Projection, first: date, grain: Grain, calendar: Calendar) -> tuple[ForecastStep, ...]:
    found, bucket = [], first
    for step in made.steps:
        found.append(ForecastStep(bucket, step.median, step.low80, step.high80, step.low95, step.high95))
        bucket = calendar.following(bucket, grain)
    return tuple(found)
