"""The parts of an answer: columns, cells, sources and explanations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sightline.definitions.bands import Status
from sightline.definitions.schema.bands import Ranges
from sightline.metrics.question import Period

State = Literal[
    "ok",
    "no_data",
    "hidden",
    "zero_denominator",
    "too_few",
    "mixed_currencies",
    "no_rate",
    "no_history",
    "undefined",
    "not_reached",
]
"""Why a value is or is not a number. `too_few`: it is one, over fewer than `min_n` observations. `hidden`: the
viewer's role shows nothing of what it is computed from."""

Role = Literal["dimension", "label", "period", "metric", "part", "previous", "change", "target"]


@dataclass(frozen=True)
class Column:
    """One visible column. `metric` names the metric it belongs to; `unit` is the metric's; `type` is a ColumnType."""

    name: str
    label: str
    type: str
    unit: str
    role: Role
    metric: str | None = None


@dataclass(frozen=True)
class Cell:
    """One metric in one row: value, change, target gap and status are four separate things.

    `change` is relative (0.054 is +5.4 %) for amounts and counts and a difference for rates (`change_kind` says which).
    `target` is for the whole period, `expected` the part of it due by now (pacing), `gap` the value minus what is due,
    `due_by` the last day of a target that ends.
    `good` says whether the change is good (True), bad (False) or neither (None) by the metric's direction.
    `status` is excellent, good, warning or critical by the bands (`ranges`: those of its segment), or None; a figure
    over too few observations, or of a cohort that still matures, has none. `maturing` is the share (0..1) of the cohort
    that has had time to convert, or None when the
    metric does not mature or all have. `excluded` counts rows left out of the figure (events out of order, or amounts
    without an exchange rate, which `unrated` counts alone).
    """

    metric: str
    value: float | None
    state: State
    n: int | None
    previous: float | None = None
    change: float | None = None
    change_kind: Literal["relative", "difference"] = "relative"
    good: bool | None = None
    target: float | None = None
    expected: float | None = None
    due_by: date | None = None
    gap: float | None = None
    status: Status | None = None
    ranges: Ranges | None = None
    maturing: float | None = None
    excluded: int = 0
    unrated: int = 0


@dataclass(frozen=True)
class SourceState:
    """Freshness of one dataset. `data_through` is the newest row the viewer may see, `loaded_at` the last publish."""

    dataset: str
    label: str
    rows: int
    data_through: datetime | None
    loaded_at: datetime | None
    state: Literal["fresh", "late", "stale", "empty"]


@dataclass(frozen=True)
class Operand:
    """One number inside a formula, as it was for this row."""

    name: str
    label: str
    value: float | None
    unit: str


@dataclass(frozen=True)
class Explanation:
    """How one number came to be, in words, operands and SQL."""

    metric: str
    label: str
    description: str
    unit: str
    direction: str
    owner: str
    cell: Cell
    formula: str  # spend ÷ inquiries
    filled: str  # $98,800 ÷ 1,392 = $71
    operands: tuple[Operand, ...]
    filters: tuple[tuple[str, str], ...]  # (name, value) in words, row access included
    period: Period
    comparison: Period | None
    zone: str
    sources: tuple[SourceState, ...]
    snapshot: int
    definition: str  # file:line
    digest: str  # version of the definitions
    sql: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class FunnelStage:
    """One stage of a funnel answer: the entities that reached it or one after it.

    Rates are shares (0..1); the first stage has no step rate.
    """

    name: str
    label: str
    count: int
    step_rate: float | None
    overall_rate: float | None
    median_days: float | None
    previous: int | None = None
    previous_step_rate: float | None = None
