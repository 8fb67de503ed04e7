"""A metric: a named business number built from datasets or from other metrics."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from sightline.definitions.schema.bands import Bands
from sightline.definitions.schema.base import Definition, Described, Duration, Expression, Name
from sightline.definitions.schema.export import Export, ExportText
from sightline.definitions.schema.status import StatusRule

Grain = Literal["hour", "day", "week", "month", "quarter", "year"]
Aggregation = Literal["sum", "count", "count_distinct", "min", "max", "avg", "median", "percentile", "age"]
Direction = Literal["up", "down", "neutral"]
Cadence = Literal["daily", "weekly", "monthly", "quarterly", "yearly"]
Pacing = Literal["linear", "business_days", "seasonal"]


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


class Completeness(Definition):
    """How complete data have to be: below it a data event is opened, which ends when the figure is reached again."""

    floor: float = Field(description="In the metric's own unit.")
    by: Name | None = Field(default=None, description="An entity or dimension: an event for each member below it.")
    period: str = "last_30_days"


class MetricBase(Described):
    """What every metric declares whatever its type."""

    unit: str = Field(default="count", description="count, percent, ratio, a currency code, days, hours, score, …")
    direction: Direction = Field(default="up", description="Which way is good.")
    owner: str = ""
    cadence: Cadence | None = Field(
        default=None, description="How often its value is expected; later than that, an entry is overdue."
    )
    group: str = Field(default="", description="Heading in the catalogue.")
    bands: Bands | None = None
    benchmark: float | None = Field(default=None, description="A reference drawn beside the value.")
    min_n: int = Field(default=0, ge=0, description="With fewer observations the figure is not shown bare.")
    targets: list[Target] = Field(default_factory=list)
    maturation: Duration | None = Field(
        default=None,
        description="How long a cohort needs before its figure is final: of conversions, funnels and intervals.",
    )
    completeness: Completeness | None = Field(
        default=None,
        description="The figure tells how complete data are, and from which value on they are called incomplete.",
    )
    status: StatusRule | None = Field(
        default=None, description="How its course changes its status, instead of the rule of the workspace or the pack."
    )
    hidden: bool = Field(default=False, description="A building block: kept out of the catalogue and the palette.")
    export: ExportText | Export | list[ExportText | Export] | None = Field(
        default=None,
        description="How Prometheus sees it: a name, `revenue_mrr{tier}` (name and labels), or several. The prefix is "
        "added. Default: the metric's own name, without labels.",
    )


class Exchange(Definition):
    """Into which currency amounts are converted, row by row, and where the rates stand."""

    to: Annotated[str, StringConstraints(pattern=r"^(workspace|[A-Z]{3})$")] = Field(
        description="An ISO 4217 code, or `workspace` for the workspace's currency."
    )
    rates: Name = Field(description="The dataset of rates: one for each currency and day, valid until the next.")
    currency: Name = Field(default="currency", description="Its column with the currency.")
    rate: Name = Field(
        default="rate",
        description="Its column with what one unit is worth: in the workspace's currency, or the column's own.",
    )

    def target(self, workspace: str) -> str:
        """Return the code of the currency that comes out; `workspace` is the code of the workspace's."""
        return workspace if self.to == "workspace" else self.to


CONVERTED = (
    "`{to: EUR, rates: exchange_rates}`: each row's amount at the rate of its own day, the last one known on it. Rows "
    "without a rate are left out, counted and named. `to: workspace` is the workspace's currency. The rates have a key "
    "of currency and day, which is their time. Conditions see amounts as stored."
)


def _unit_of_target(written: Any) -> Any:
    """Return the definition with the unit that its conversion makes, where it names none."""
    exchange = written.get("convert") if isinstance(written, dict) else None
    if not isinstance(exchange, dict) or "unit" in written or not isinstance(exchange.get("to"), str):
        return written
    return {**written, "unit": "currency" if exchange["to"] == "workspace" else exchange["to"].lower()}


def _hours_of_age(written: Any) -> Any:
    """Return the definition of an age with its unit and direction, where it names none."""
    if not isinstance(written, dict) or written.get("agg") != "age":
        return written
    return {"unit": "hours", "direction": "down", **written}


class Simple(MetricBase):
    """An aggregation over one dataset.

    `agg: age` is the time since the newest value of a time column, in hours: by whichever dimension, at the end of the
    period, or at the last full hour where that has not ended. Rows before the period count; what was never is unknown.
    """

    type: Literal["simple"]
    dataset: Name
    agg: Aggregation
    column: Name | None = Field(default=None, description="Of an age the default is the time of the dataset.")
    expression: Expression | None = Field(default=None, description="Over columns, instead of `column`.")
    percentile: float | None = Field(default=None, gt=0, lt=1)
    where: Expression | None = None
    time: Name | None = Field(default=None, description="Another time column than the dataset's.")
    empty: Literal["zero", "null"] | None = Field(
        default=None, description="No rows: sums and counts are zero, others null."
    )
    convert: Exchange | None = Field(default=None, description=CONVERTED)

    _unit = model_validator(mode="before")(_unit_of_target)
    _age = model_validator(mode="before")(_hours_of_age)


class Ratio(MetricBase):
    """One metric over another, computed at every level and never summed."""

    type: Literal["ratio"]
    numerator: Name
    denominator: Name
    unit: str = "percent"


class Computed(MetricBase):
    """The base of what is computed from other metrics; `formula` is the expression that does it."""

    n: Name | None = Field(default=None, description="The metric that counts the observations (for min_n).")

    @property
    def formula(self) -> str:
        raise NotImplementedError


class Earlier(Definition):
    """A metric as it was so long before the time that is asked about."""

    metric: Name
    offset: Annotated[str, StringConstraints(pattern=r"^[1-9]\d{0,3} ?(d|days?|weeks?|months?|quarters?|years?)$")] = (
        Field(description="Such as `12 months`: of each bucket the bucket so long before it, of a period the period.")
    )


class Derived(Computed):
    """An expression over other metrics, of the same time or of an earlier one.

    `revenue / revenue_before - 1` with `inputs: {revenue_before: {metric: revenue, offset: 12 months}}` is growth: by
    month it compares each with the same month a year before. What lies before the data has no value; it is not zero.
    """

    type: Literal["derived"]
    expression: Expression
    inputs: dict[Name, Earlier] = Field(
        default_factory=dict, description="Names in the expression that stand for a metric at an earlier time."
    )

    @property
    def formula(self) -> str:
        return self.expression


class Component(Definition):
    """A part of a score: a metric, what it is worth, and the values at which it earns nothing and everything."""

    metric: Name
    weight: float = Field(gt=0)
    worst: float = Field(default=0.0, description="At this value, or beyond, it earns nothing.")
    best: float = Field(default=1.0, description="At this value, or beyond, it earns all of its weight.")
    label: str = ""

    @model_validator(mode="after")
    def _has_a_range(self) -> Component:
        if self.worst == self.best:
            raise ValueError("worst and best are the same value")
        return self

    @property
    def formula(self) -> str:
        """The share of its weight that it earns, 0..1."""
        span = self.best - self.worst
        return f"least(1, greatest(0, ({self.metric} - ({self.worst!r})) / ({span!r})))"


class Score(Computed):
    """A weighted mean of components, 0..100. A component without a value is left out, with its weight."""

    type: Literal["score"]
    components: list[Component] = Field(min_length=1)
    unit: str = "score"

    @property
    def formula(self) -> str:
        earned = " + ".join(f"coalesce({each.weight!r} * {each.formula}, 0)" for each in self.components)
        weights = " + ".join(
            f"case when {each.metric} is null then 0 else {each.weight!r} end" for each in self.components
        )
        return f"100 * ({earned}) / nullif({weights}, 0)"


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
    convert: Exchange | None = Field(default=None, description=CONVERTED)

    _unit = model_validator(mode="before")(_unit_of_target)


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


MovementKind = Literal["opening", "new", "reactivated", "expansion", "contraction", "churned", "closing"]


class Movement(MetricBase):
    """How a level moves in a period, entity by entity: opening + the movements = closing, at every level.

    `changes` are rows that change an entity's level by `column`. An entity whose level was nothing and is something is
    new, or reactivated when it had a level before; one whose level becomes nothing has churned; else the difference is
    expansion or contraction. Losses are negative amounts. `show: entities` counts them instead.
    """

    type: Literal["movement"]
    entity: Name
    changes: Event
    column: Name = Field(description="The signed amount of a change.")
    kind: MovementKind
    show: Literal["amount", "entities"] = "amount"
    window: Duration | None = Field(
        default=None,
        description="The movement of the last such time of the period, or of each bucket, whatever their length: "
        "`1 month` makes a monthly figure of any period.",
    )


class Retention(MetricBase):
    """The share of a cohort that is active again so many periods after its first; a row per cohort and age.

    A cohort holds the entities whose first event ever falls in one bucket of the grain; by groups, those of that event.
    """

    type: Literal["retention"]
    entity: Name
    first: Event
    activity: Event | None = Field(default=None, description="Default: the same events as `first`.")
    grain: Literal["day", "week", "month", "quarter", "year"] = Field(
        default="month", description="Of cohorts and ages, where a question names none."
    )
    show: Literal["rate", "count"] = "rate"
    unit: str = "percent"

    @property
    def active(self) -> Event:
        """The events that make an entity active."""
        return self.activity or self.first


Metric = Annotated[
    Simple
    | Ratio
    | Derived
    | Score
    | Cumulative
    | SemiAdditive
    | Conversion
    | Funnel
    | Interval
    | Movement
    | Retention,
    Field(discriminator="type"),
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
