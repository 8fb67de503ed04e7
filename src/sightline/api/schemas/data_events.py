"""What people should know of data that came in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Schema
from pydantic import Field


class DataEventBody(Schema):
    """Something about data in, as long as it is so."""

    id: int
    kind: str = Field(
        description="sync_failed, stale, count_differs, schema_changed, volume_unusual, incomplete or dead_letter."
    )
    level: Literal["note", "warning", "error"]
    source: str = Field(description="Empty when it is about a dataset whichever source fills it.")
    dataset: str
    subject: str = Field(description="Tells events of one kind apart, such as a stream or a member.")
    message: str
    detail: dict[str, Any] = Field(description="The numbers behind the message.")
    at: datetime = Field(description="When it was first seen.")
    seen_at: datetime = Field(description="When it was last seen to be so.")
    ended_at: datetime | None = Field(description="Null while it lasts.")


class DataEventsBody(Schema):
    """One page of events, the newest first."""

    events: list[DataEventBody]
    total: int
