"""Values entered by hand."""

from __future__ import annotations

from datetime import date, datetime

from ninja import Schema
from pydantic import Field

from sightline.api.schemas.question import Strict
from sightline.ingest.actions.enter_values import MOST_ROWS
from sightline.sources.text import text_of

Value = str | int | float | bool | None


class EnterBody(Strict):
    """Rows to enter: all of them, or none."""

    rows: list[dict[str, Value]] = Field(
        min_length=1,
        max_length=MOST_ROWS,
        description="Column: value, with the key. null empties a value; a column left out keeps its value.",
    )
    reason: str = Field(default="", max_length=500, description="Needed, except for a dry run.")
    effective_on: date | None = Field(default=None, description="Fills the dataset's time where a row has none.")
    dry_run: bool = Field(default=False, description="Say what would change and write nothing.")

    @property
    def texts(self) -> list[dict[str, str | None]]:
        return [{name: text_of(value) for name, value in row.items()} for row in self.rows]


class ChangeBody(Schema):
    """What a row was, and is."""

    key: dict[str, str | None]
    before: dict[str, str | None] | None = Field(description="null: the row is new.")
    after: dict[str, str | None]


class EnteredBody(Schema):
    """What was entered."""

    changes: list[ChangeBody]
    snapshot: int | None = Field(description="null: nothing was written.")


class EntryBody(ChangeBody):
    """One row that somebody entered. Personal data are not kept, only that they changed."""

    effective_on: date | None
    reason: str
    by: str
    at: datetime


class EntriesBody(Schema):
    """Some entries, newest first."""

    entries: list[EntryBody]
    total: int


class ArchiveBody(Strict):
    """Whether a member is archived, and why."""

    archived: bool = Field(default=True, description="false restores it.")
    reason: str = Field(min_length=1, max_length=500)
