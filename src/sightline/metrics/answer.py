"""An answer: numbers that can explain themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import pyarrow as pa

from sightline.lake.snapshot import Snapshot
from sightline.metrics.question import Comparison, Period, Question

State = Literal["ok", "no_data", "zero_denominator", "too_few", "mixed_currencies", "undefined", "not_reached"]
"""Why a value is or is not a number. `too_few`: it is one, over fewer than `min_n` observations."""

Role = Literal["dimension", "label", "period", "metric", "previous", "change", "target"]


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
    `good` says whether the change is good (True), bad (False) or neither (None) by the metric's direction.
    `status` is good, warning or critical by the bands, or None. `maturing` is the share (0..1) of the cohort that has
    had time to convert, or None when the metric does not mature or all have.
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
    gap: float | None = None
    status: Literal["good", "warning", "critical"] | None = None
    maturing: float | None = None
    excluded: int = 0


@dataclass(frozen=True)
class SourceState:
    """Freshness of one dataset the answer was read from. `data_through` is the newest row, `loaded_at` the last publish."""

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
class Answer:
    """The result of one question.

    `table` holds a row per group: visible columns by name, and hidden ones (operands, states, n) that `cell` reads.
    `total_rows` counts rows before the limit. `open_from` is the first day of an unfinished period: a row whose bucket
    reaches it is "to date". `columns` are the visible ones, in order.
    """

    question: Question
    columns: tuple[Column, ...]
    table: pa.Table
    total_rows: int
    period: Period
    comparison: Period | None
    compare: Comparison
    zone: str
    asked_at: datetime
    today: date
    snapshot: Snapshot
    sources: tuple[SourceState, ...]
    sql: str
    parameters: Mapping[str, Any]
    elapsed_ms: float
    notes: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the period has not ended yet (its figures are to date)."""
        return self.period.end is None or self.period.end > self.today
