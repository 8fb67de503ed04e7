"""A metric: a named business number built from datasets or from other metrics."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from sightline.definitions.schema.base import Definition, Described, Duration, Expression, Name

Grain = Literal["hour", "day", "week", "month", "quarter", "year"]
Aggregation = Literal["sum", "count", "count_distinct", "min", "max", "avg", "median", "percentile"]
Direction = Literal["up", "down", "neutral"]
Pacing = Literal["linear", "business_days", "seasonal"]


class Bands(Definition):
    """Status by value. Each is a comparison such as `>= 15 %` written in the metric's own unit: `>= 0.15`, `3..5`."""

    good: str | None = None
    warning: str | None = None
    critical: str | None = None


class Target(Definition):
    """What the metric should reach, for a span of dates and perhaps one segment."""

    value: float
    per: Grain | None = Field(
        default=None,
        description="The amount is for one such period (additive metrics); a day has 24 hours, or 23 or 25 where the "
        "clocks change. Default: a level.",
    )
    since: date | None = None
    until: date | None = Field(default=None, description="Exclusive.")
    segment: dict[Name, str] = Field(default_factory=dict, description="Dimension values the target is for.")
    pacing: Pacing = "linear"
    owner: str = ""


class MetricBase(Described):
    """What every metric declares whatever its type."""

    unit: str = Field(default="count", description="count, percent, ratio, a currency code, days, hours, score, …")
    direction: Direction = Field(default="up", description="Which way is good.")
    owner: str = ""
    group: str = Field(default="", description="Heading in the catalogue.")
    bands: Bands | None = None
    benchmark: float | None = Field(default=None, description="A reference drawn beside the value.")
    min_n: int = Field(default=0, ge=0, description="With fewer observations the figure is not shown bare.")
    targets: list[Target] = Field(default_factory=list)
    maturation: Duration | None = Field(
        default=None,
        description="How long a cohort needs before its figure is final: of conversions, funnels and intervals.",
    )
    hidden: bool = Field(default=False, description="A building block: kept out of the catalogue and the palette.")


class Simple(MetricBase):
    """An aggregation over one dataset."""

    type: Literal["simple"]
    dataset: Name
    agg: Aggregation
    column: Name | None = None
    expression: Expression | None = Field(default=None, description="Over columns, instead of `column`.")
    percentile: float | None = Field(default=None, gt=0, lt=1)
    where: Expression | None = None
    time: Name | None = Field(default=None, description="Another time column than the dataset's.")
    empty: Literal["zero", "null"] | None = Field(
        default=None, description="No rows: sums and counts are zero, others null."
    )


class Ratio(MetricBase):
    """One metric over another, computed at every level and never summed."""

    type: Literal["ratio"]
    numerator: Name
    denominator: Name
    unit: str = "percent"


class Derived(MetricBase):
    """An expression over other metrics."""

    type: Literal["derived"]
    expression: Expression
    n: Name | None = Field(default=None, description="The metric that counts the observations (for min_n).")


class Cumulative(MetricBase):
    """A simple metric over a trailing window, or since the start of the current period."""

    type: Literal["cumulative"]
    metric: Name
    window: Duration | None = None
    to_date: Grain | None = None


class SemiAdditive(MetricBase):
    """A level (balance, head count): added across dimensions, but over time the last, first or average value counts."""

    type: Literal["semi_additive"]
    dataset: Name
    agg: Literal["sum", "count", "min", "max", "avg"] = "sum"
    column: Name | None = None
    take: Literal["last", "first"] = "last"
    by: list[Name] = Field(
        default_factory=list, description="Entities whose own last row counts. Default: the last date for all."
    )
    where: Expression | None = None
    time: Name | None = None


class Event(Definition):
    """Rows of a dataset that mark a moment in the life of an entity."""

    dataset: Name
    where: Expression | None = None
    time: Name | None = None
    label: str = ""


class Conversion(MetricBase):
    """The share of entities with a base event that also have the conversion event, by cohort of the base event."""

    type: Literal["conversion"]
    entity: Name
    base: Event
    conversion: Event
    window: Duration | None = Field(default=None, description="Default: ever, in whichever order the events are dated.")
    show: Literal["rate", "count"] = "rate"
    unit: str = "percent"


class Stage(Event):
    name: Name


class Funnel(MetricBase):
    """Entities by the furthest stage they reached, by cohort of the first stage.

    Whoever reached a stage has passed those before it, whether they are recorded or not: no stage holds more than the
    one before, and no rate is above 100 %.
    """

    type: Literal["funnel"]
    entity: Name
    stages: list[Stage] = Field(min_length=2)
    window: Duration | None = None


class Interval(MetricBase):
    """Time from one event to the next of the same entity.

    `population: converted` describes those who got there; `all` respects censoring with the Kaplan-Meier estimate
    (the time by which the share has converted, counting those still waiting), and may be "not reached".
    """

    type: Literal["interval"]
    entity: Name
    start: Event
    end: Event
    percentile: float = Field(default=0.5, gt=0, lt=1)
    population: Literal["converted", "all"] = "converted"
    unit: str = "days"
    direction: Direction = "down"


Metric = Annotated[
    Simple | Ratio | Derived | Cumulative | SemiAdditive | Conversion | Funnel | Interval, Field(discriminator="type")
]


class MetricFile(Definition):
    """A file of metrics, by name."""

    metrics: dict[Name, Metric] = Field(min_length=1)


class Tieout(Described):
    """Numbers that must agree: parts add up to the whole, a rate times its base is the count, two metrics are equal."""

    parts: Name | None = Field(default=None, description="A metric whose groups must add up to the total.")
    by: list[Name] = Field(default_factory=list)
    left: Expression | None = Field(default=None, description="An expression over metrics that must equal `right`.")
    right: Expression | None = None
    grain: Grain | None = None
    tolerance: float = Field(default=0.0, ge=0, description="Largest allowed absolute difference.")


class TieoutFile(Definition):
    """A file of tie-outs, by name."""

    tieouts: dict[Name, Tieout] = Field(min_length=1)
