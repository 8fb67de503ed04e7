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
