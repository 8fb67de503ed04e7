"""What became of an imported file."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field


class ReasonBody(Schema):
    """Why rows were rejected or remarked on; `example` is the value of the first of them."""

    kind: str
    columns: list[str]
    text: str
    count: int
    example: str
    severity: str


class ImportBody(Schema):
    """received = accepted + rejected; accepted = inserted + updated + unchanged."""

    run_id: str
    dataset: str
    dry_run: bool
    received: int
    accepted: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    reasons: list[ReasonBody]
    warnings: list[ReasonBody]
    sources: dict[str, str] = Field(description="Column of the dataset: the column of the file that filled it.")
    unused_columns: list[str]
    missing_columns: list[str]
    snapshot_id: int | None = Field(description="Null in a dry run.")
    seconds: float
