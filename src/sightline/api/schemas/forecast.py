"""A forecast, as JSON. The same shape as `sightline forecast --json`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from sightline.api.schemas.answer import PeriodBody, SourceBody
from sightline.api.schemas.question import Strict
from sightline.definitions.schema.metric import Grain
from sightline.metrics.forecast import MOST_PERIODS
from sightline.metrics.question import Question
from sightline.metrics.question_text import parse_question
from sightline.metrics.training import Why
from sightline.stats.forecast import ModelName


class ForecastText(Strict):
    """What to forecast, in the words of the command line."""

    grain: str = Field(default="", description="day, week, month, quarter or year; default: the metric's cadence.")
    periods: int | None = Field(
        default=None, ge=1, le=MOST_PERIODS, description="Default: 14 days, 6 weeks or months, 4 quarters, 2 years."
    )
    by: str = Field(default="", max_length=4000, description="Dimensions or entities: a series per combination.")
    where: str = Field(default="", max_length=2000)
    period: str = Field(default="", description="What to learn from. Default: the newest buckets, however many.")

    def question(self, metric: str, *, usual: Grain) -> Question:
        """Return the question whose answer is learned from. Raises QuestionError."""
        return parse_question(
            metrics=metric, by=self.by, grain=self.grain or usual, where=self.where, period=self.period
        )


class StepBody(Schema):
    """One bucket ahead, by its first day. The intervals hold the value with 80 and with 95 % probability."""

    period: date
    median: float
    low80: float
    high80: float
    low95: float
    high95: float


class BacktestBody(Schema):
    """How the model did at points of the past on what it had not seen."""

    origins: int = Field(description="Points of the past that a forecast was made at.")
    compared: int = Field(description="Values that were forecast and then came.")
    farthest: int = Field(description="The farthest step that was tested.")
    error: float = Field(description="Mean absolute error, in the metric's unit.")
    scaled: float = Field(description="The same over that of the naive forecast within the history (MASE).")
    share: float | None = Field(description="Sum of the absolute errors over that of the values (wMAPE).")
    benchmark: ModelName = Field(description="The best of the simple forecasts.")
    benchmark_error: float
    held80: float = Field(description="Share of the values that the model's own 80 % intervals held.")
    held95: float
    widened: float = Field(description="How many times as wide the intervals are as the model's own.")


class TrainedOn(Schema):
    first: date | None
    last: date | None
    buckets: int


class LeftOutBody(Schema):
    """Buckets at an end of the history that are not learned from."""

    why: Why
    buckets: list[date]
    so_far: float | None = Field(description="The value of the last of them.")


class SeriesBody(Schema):
    """One group. Without steps, `refused` says why."""

    key: list[Any] = Field(description="Its members, in the order of `dimensions`.")
    labels: list[str]
    refused: str
    model: ModelName | None
    season: int = Field(description="Buckets of the season that was looked for; 1: none.")
    trained_on: TrainedOn
    left_out: list[LeftOutBody]
    backtest: BacktestBody | None
    steps: list[StepBody]


class ForecastMeta(Schema):
    snapshot: int
    data_through: datetime | None
    period: PeriodBody = Field(description="The days that were read.")
    zone: str
    asked_at: datetime
    sources: list[SourceBody]
    notes: list[str]


class ForecastBody(Schema):
    """A forecast of one metric, a series per group."""

    metric: str
    label: str
    unit: str
    grain: Grain
    periods: int
    dimensions: list[str]
    series: list[SeriesBody]
    meta: ForecastMeta
