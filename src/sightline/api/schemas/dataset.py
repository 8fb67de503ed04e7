"""Datasets: what they hold, how fresh they are, their rows, and imports into them."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field


class DatasetSummary(Schema):
    name: str
    label: str
    description: str
    time: str | None
    key: list[str]
    rows: int = Field(description="Rows of the published version that the caller may see.")
    version: int | None = Field(description="Null: never published.")
    data_through: datetime | None
    loaded_at: datetime | None
    state: str = Field(description="fresh, late, stale or empty")


class DatasetColumn(Schema):
    name: str
    label: str
    description: str
    type: str
    dimension: bool
    pii: str | None
    unit: str | None


class DatasetBody(DatasetSummary):
    columns: list[DatasetColumn]
