"""An answer and an explanation, as JSON. The same shape as `sightline query --json`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from sightline.metrics.question import Comparison
from sightline.metrics.result import Role, State


class ColumnBody(Schema):
    name: str
    label: str
    type: str
    unit: str
    role: Role
    metric: str | None


class PeriodBody(Schema):
    """Whole local days; `end` is the day after the last. Null is unbounded."""

    name: str
    start: date | None
    end: date | None


class StateBody(Schema):
    """A figure that is not a plain number, or a cohort that still matures."""

    row: int
    metric: str
    state: State
    n: int | None = Field(description="Observations behind the figure.")
    maturing: float | None = Field(description="Share of the cohort that has had time to convert.")


class SourceBody(Schema):
    dataset: str
    label: str
    rows: int = Field(description="Rows that the caller may see.")
    data_through: datetime | None
    loaded_at: datetime | None
    state: str = Field(description="fresh, late, stale or empty")


class MetaBody(Schema):
    snapshot: int
    data_through: datetime | None = Field(description="Every dated source has data up to here.")
    elapsed_ms: float
    period: PeriodBody
    compare: Comparison
    comparison: PeriodBody | None
    zone: str
    to_date: bool = Field(description="The period has not ended: its figures are to date.")
    asked_at: datetime
    total_rows: int = Field(description="Rows before the limit.")
    states: list[StateBody]
    sources: list[SourceBody]
    notes: list[str]
    sql: str | None = None
    parameters: dict[str, Any] | None = None


class AnswerBody(Schema):
    """Columns, rows in the order of the columns, and how they came to be."""

    columns: list[ColumnBody]
    rows: list[list[Any]]
    meta: MetaBody


class CellBody(Schema):
    """Value, change, gap to target and status are four separate things."""

    metric: str
    value: float | None
    state: State
    n: int | None
    previous: float | None
    change: float | None
    change_kind: str
    good: bool | None
    target: float | None
    expected: float | None = Field(description="The part of the target that is due by now.")
    gap: float | None
    status: str | None
    maturing: float | None
    excluded: int
    unrated: int = Field(description="Of those left out, the amounts without an exchange rate.")


class OperandBody(Schema):
    name: str
    label: str
    value: float | None
    unit: str


class FilterWords(Schema):
    name: str
    value: str


class ExplanationBody(Schema):
    """How one number came to be."""

    metric: str
    label: str
    description: str
    unit: str
    direction: str
    owner: str
    cell: CellBody
    formula: str
    filled: str = Field(description="The formula with its operands filled in.")
    operands: list[OperandBody]
    filters: list[FilterWords]
    period: PeriodBody
    comparison: PeriodBody | None
    zone: str
    sources: list[SourceBody]
    snapshot: int
    definition: str = Field(description="File and line of the definition.")
    digest: str = Field(description="Version of the definitions.")
    sql: str
    notes: list[str]
