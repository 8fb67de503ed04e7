"""Panels that draw figures beyond lines and bars: one hero, parts of a whole, movements, cohorts, states."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sightline.definitions.schema.base import Name
from sightline.definitions.schema.metric import Grain
from sightline.definitions.schema.panel import Panel


class CohortChart(Panel):
    """A row per cohort and a column per age, shaded on one ramp, with sizes and a weighted average. Cohorts that have
    not had their time are marked as maturing and stay unshaded."""

    chart: Literal["cohort"]
    metric: Name = Field(description="A retention metric.")
    grain: Literal["day", "week", "month", "quarter", "year"] | None = Field(
        default=None, description="Of cohorts and ages. Default: the metric's."
    )
    show: Literal["rate", "count"] | None = Field(default=None, description="Default: as the metric says.")
    ages: int = Field(default=12, ge=1, le=52, description="The oldest age shown.")
    limit: int = Field(default=24, ge=1, le=104, description="The newest so many cohorts are shown; a file has all.")


class WaterfallChart(Panel):
    """Drivers: an opening level, signed movements, and the closing level. It says whether they add up."""

    chart: Literal["waterfall"]
    metrics: list[Name] = Field(
        min_length=3, max_length=14, description="The opening level first, the closing level last, movements between."
    )


class SharesChart(Panel):
    """Shares of a whole by member: the largest named, the rest as one part. Only of metrics that add up."""

    metric: Name
    by: Name
    limit: int = Field(default=5, ge=2, le=7, description="Most members; the rest is one part.")


class DonutChart(SharesChart):
    """Shares of a whole by member as a ring, the whole in its middle: the largest named, the rest as one part."""

    chart: Literal["donut"]


class PieChart(SharesChart):
    """Shares of a whole by member as a disc, the whole in the line below the title; else as a donut."""

    chart: Literal["pie"]


class HistogramChart(Panel):
    """How many members have which value: a column per range of values, a row for all and one per segment."""

    chart: Literal["histogram"]
    metric: Name = Field(description="A metric that each member has a value of, such as a score.")
    of: Name = Field(description="The dimension whose members are counted: organization, program.")
    by: Name | None = Field(default=None, description="A row per member of this dimension, below that of all.")
    edges: list[float] = Field(
        default_factory=list, max_length=11, description="Where the ranges meet, rising. Default: the metric's bands."
    )


class DistributionChart(Panel):
    """One bar in parts, such as promoters, passives and detractors. Each part with its share and count."""

    chart: Literal["distribution"]
    metrics: list[Name] = Field(
        default_factory=list, max_length=5, description="The parts, best first: counts, or shares that add up to 100 %."
    )
    metric: Name | None = Field(default=None, description="Instead of `metrics`: one metric that adds up, by `by`.")
    by: Name | None = Field(default=None, description="The dimension whose values are the parts.")
    score: Name | None = Field(default=None, description="The figure printed above the bar, such as the NPS.")


class StateTimeline(Panel):
    """The status of a metric by its bands, bucket by bucket; each cell says value and word."""

    chart: Literal["state_timeline"]
    metric: Name = Field(description="A metric with bands, a target or a benchmark.")
    by: Name | None = Field(default=None, description="A row per member. Default: one row.")
    grain: Grain = "week"
    limit: int = Field(default=20, ge=1, le=60, description="Most rows.")


class GaugePanel(Panel):
    """An arc with the metric's bands and target on it, and the value in the middle."""

    gauge: Name = Field(description="The metric; it has bands or a target.")
    low: float | None = Field(default=None, description="Where the arc begins. Default: 0, or the lowest band.")
    high: float | None = Field(default=None, description="Where the arc ends. Default: 1 for shares, 100 for scores.")


class StatPanel(Panel):
    """One hero figure: change, status with its reason, course; a score opens into its components."""

    stat: Name = Field(description="The metric.")
    sparkline: Grain | None = "month"
