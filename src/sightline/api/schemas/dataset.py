"""Datasets: what they hold, how fresh they are, their rows, and imports into them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field


class DatasetSummary(Schema):
    name: str
    label: str
    description: str
    time: str | None
    key: list[str]
    rows: int | None = Field(description="Rows in the published version; null for callers who may not see all of them.")
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


class RowColumn(Schema):
    name: str
    label: str
    type: str


class RowsBody(Schema):
    """One page of the rows behind a number, as the viewer may see them."""

    dataset: str
    columns: list[RowColumn]
    rows: list[list[Any]]
    total: int
    page: int
    pages: int
    snapshot: int


class RejectionBody(Schema):
    reason: str
    rows: int


class ImportBody(Schema):
    """What an import did, or with `dry_run` would do."""

    run: str | None = Field(description="Number of the import; null for a dry run.")
    dataset: str
    dry_run: bool
    received: int
    accepted: int
    rejected: int
    reasons: list[RejectionBody]
    warnings: list[RejectionBody]
    snapshot: int | None
