"""An answer: numbers that can explain themselves."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from sightline.definitions.catalog import Catalog
from sightline.definitions.dimensions import Dimension
from sightline.definitions.policy import Policy
from sightline.lake.snapshot import Snapshot
from sightline.metrics import explain, reading
from sightline.metrics.horizon import Horizon
from sightline.metrics.question import Comparison, Period, Question
from sightline.metrics.result import Cell, Column, Explanation, FunnelStage, Operand, Role, SourceState, State

__all__ = ["Answer", "Cell", "Column", "Explanation", "FunnelStage", "Operand", "Role", "SourceState", "State"]


@dataclass
class Read:
    """What has been read out of an answer so far; shared by the copies that the cache hands out.

    `made` is what was made of it (forecasts, what is whole), by what it was made for.
    """

    columns: dict[str, list[Any]] | None = None
    cells: dict[tuple[int, str], Cell] = field(default_factory=dict)
    made: dict[tuple[Hashable, ...], object] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """The result of one question.

    `table` holds a row per group: visible columns by name, and hidden ones (operands, states, n) that `cell` reads.
    `total_rows` counts rows before the limit. `columns` are the visible ones, in order. `pacing` holds last year's days
    by metric, for targets that follow the season. `horizon` says up to which day the data is known. `hidden` are the
    metrics, and parts of metrics, of which the viewer's role shows nothing.
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
    horizon: Horizon
    snapshot: Snapshot
    sources: tuple[SourceState, ...]
    sql: str
    parameters: Mapping[str, Any]
    elapsed_ms: float
    catalog: Catalog
    policy: Policy
    dimensions: tuple[Dimension, ...] = ()
    hidden: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    pacing: Mapping[str, dict[date, float]] = field(default_factory=dict)
    read: Read = field(default_factory=Read, compare=False, repr=False)

    @property
    def is_open(self) -> bool:
        """Whether the period has not ended yet (its figures are to date)."""
        return self.period.end is not None and self.period.end > self.today

    @property
    def n_rows(self) -> int:
        return int(self.table.num_rows)

    @property
    def data(self) -> dict[str, list[Any]]:
        """Every column, hidden ones too, as Python values."""
        if self.read.columns is None:
            self.read.columns = {name: self.table.column(name).to_pylist() for name in self.table.column_names}
        return self.read.columns

    def value(self, row: int, column: str) -> Any:
        """Return one value by column name, None when there is no such column."""
        values = self.data.get(column)
        return values[row] if values is not None else None

    def rows(self) -> list[list[Any]]:
        """Return the visible columns of every row."""
        columns = [self.data[column.name] for column in self.columns]
        return [list(cells) for cells in zip(*columns, strict=True)] if columns else []

    def cell(self, row: int, metric: str) -> Cell:
        """Return value, change, target gap and status of one metric in one row."""
        if (row, metric) not in self.read.cells:
            self.read.cells[row, metric] = reading.cell(self, row, metric)
        return self.read.cells[row, metric]

    def funnel(self, *, row: int = 0) -> list[FunnelStage]:
        """Return the stages of a funnel answer."""
        return reading.funnel(self, row)

    def explain(self, metric: str, *, row: int = 0) -> Explanation:
        """Return how the metric of one row came to be."""
        return explain.explain(self, metric, row)
