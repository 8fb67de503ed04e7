"""Pages of rows."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field

from sightline.api.schemas.answer import PeriodBody
from sightline.api.schemas.question import Strict
from sightline.metrics.question import Order
from sightline.metrics.rows import LARGEST_PAGE, PAGE, RowsRequest


class RowsText(Strict):
    """Which rows of a dataset, in an address."""

    where: str | None = Field(default=None, max_length=2000, description="A condition such as `source = 'organic'`.")
    order: str = Field(default="", description="A column; `-name` is descending.")
    page: int = Field(default=1, ge=1)
    page_size: int = Field(default=PAGE, ge=1, le=LARGEST_PAGE)

    def request(self, *, metric: str | None = None, dataset: str | None = None, period: str = "") -> RowsRequest:
        """Return the rows that are meant."""
        order = Order(self.order.removeprefix("-"), self.order.startswith("-")) if self.order else None
        return RowsRequest(
            metric=metric,
            dataset=dataset,
            where=self.where,
            period=period or "all_time",
            order=order,
            page=self.page,
            page_size=self.page_size,
        )


class MetricRowsText(RowsText):
    """Which of the rows that a metric counts."""

    period: str = Field(default="", description="A preset or `2025-01-01..2025-02-01` (end excluded).")


class RowColumn(Schema):
    name: str
    label: str
    type: str
    unit: str


class RowsBody(Schema):
    """One page of rows, as the caller may see them."""

    dataset: str
    label: str
    columns: list[RowColumn]
    rows: list[list[Any]]
    total: int
    different: int | None = Field(description="What the metric counts, when it counts different values.")
    page: int
    pages: int
    period: PeriodBody
    snapshot: int
