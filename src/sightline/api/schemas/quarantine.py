"""Held rows, and what becomes of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from ninja import Schema
from pydantic import Field

from sightline.api.schemas.question import Strict
from sightline.ingest.actions.settle_held import MOST_ROWS
from sightline.ingest.replays import Settled
from sightline.lake.quarantine import HeldRow
from sightline.lake.settle import RowId

MOST_TEXT = 500


class HeldRowBody(Schema):
    """A row that was kept out. `run` and `row` name it."""

    run: str
    row: int
    held_at: datetime
    checks: list[str] = Field(description="Kinds of the checks it broke.")
    reasons: list[str]
    columns: list[str] = Field(description="Columns of the dataset that are to blame, by check.")
    value: str = Field(description="The offending value; empty for those who see personal data masked.")
    record: dict[str, Any] | None = Field(description="As it came; null for those who see personal data masked.")

    @classmethod
    def of(cls, row: HeldRow) -> HeldRowBody:
        """Return a held row as the API gives it."""
        return cls(
            run=row.run,
            row=row.row,
            held_at=row.at,
            checks=row.checks.split("; "),
            reasons=row.reasons.split("; "),
            columns=row.columns.split("; "),
            value=row.value or "",
            record=orjson.loads(row.record) if row.record else None,
        )


class HeldRowsBody(Schema):
    """Some held rows, newest first."""

    rows: list[HeldRowBody]
    total: int


class RowName(Strict):
    """Which held row."""

    run: str = Field(max_length=400)
    row: int = Field(ge=1)

    @property
    def id(self) -> RowId:
        return RowId(self.run, self.row)


class ReplayBody(Strict):
    """Rows to try again."""

    rows: list[RowName] = Field(min_length=1, max_length=MOST_ROWS)
    reason: str = Field(default="", max_length=MOST_TEXT)

    @property
    def ids(self) -> list[RowId]:
        return list(dict.fromkeys(each.id for each in self.rows))


class SettleBody(ReplayBody):
    """Rows to release or to discard, and why."""

    reason: str = Field(min_length=1, max_length=MOST_TEXT)


class FixBody(RowName):
    """A row, and other values for fields of its record."""

    values: dict[str, str | None] = Field(min_length=1, description="Field of the record: value; null empties it.")
    reason: str = Field(default="", max_length=MOST_TEXT)


class SettledBody(Schema):
    """What became of the rows."""

    released: int
    held_again: int
    discarded: int
    gone: int = Field(description="Rows that were dealt with before.")
    reasons: list[str] = Field(description="Why rows are held again.")
    snapshot: int | None = Field(description="The snapshot that has what was released.")

    @classmethod
    def of(cls, settled: Settled) -> SettledBody:
        """Return what became of rows as the API tells it."""
        return cls(**{**vars(settled), "reasons": list(settled.reasons)})
