"""Sources, their syncs, and what a check of one finds."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

SourceState = Literal["fresh", "live", "stale", "differs", "partial", "failed", "paused", "waiting"]
SyncState = Literal["queued", "running", "done", "partial", "failed"]


class SourceSummary(Schema):
    """How a source stands."""

    name: str
    label: str
    type: str
    state: SourceState = Field(
        description="`stale`: no good sync in time; `differs`: counts differ from the source's; `partial`: some "
        "streams failed; `waiting`: nothing has come yet; `live`: it sends to us."
    )
    is_syncing: bool
    streams: int
    version: int
    last_at: datetime | None = Field(description="The last good sync, or the last event that was sent.")
    next_at: datetime | None = Field(description="Null: by hand, paused, or sent to us.")
    rows_today: int = Field(description="Stored since midnight of the workspace.")
    held: int | None = Field(description="Rows in quarantine; null when the caller may not know.")


class SourceBody(SourceSummary):
    """A source with its settings. `spec` and `secrets` are null for who does not manage sources."""

    spec: dict[str, Any] | None = Field(description="As docs/sources.md describes it; without secrets.")
    secrets: list[str] | None = Field(description="Names of the secrets that are stored. Their values are never told.")


class SourceWrite(Schema):
    """A source as it shall be."""

    spec: dict[str, Any] = Field(description="As docs/sources.md describes it; `source` is the name in the address.")
    secrets: dict[str, str] = Field(default={}, description="Name → value, written only. What is left out stays.")
    reason: str = Field(default="", max_length=500, description="Kept with the version.")


class SyncStart(Schema):
    """What to read. Nothing: what changed since the last sync."""

    since: datetime | None = Field(default=None, description="Read what is from then on anew: a backfill.")
    until: datetime | None = Field(default=None, description="With `since`: up to then, exclusive.")


class StreamOutcomeBody(Schema):
    """What became of a stream. received = accepted + rejected; accepted = inserted + updated + unchanged."""

    dataset: str
    received: int
    accepted: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    removed: int
    reassigned: int
    reasons: dict[str, int] = Field(description="Why rows were held, and how many.")
    drift: str = Field(description="How the source's columns changed; empty: they did not.")
    compared_days: int
    differing: list[dict[str, Any]] = Field(description="UTC days whose counts differ: source, published, held.")
    snapshot: int | None
    problem: str
    stopped: bool


class SyncBody(Schema):
    """One reading of a source."""

    id: int
    state: SyncState
    trigger: str
    by: str
    since: datetime | None
    until: datetime | None
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    doing: str = Field(description="What it does now.")
    received: int
    accepted: int
    rejected: int
    problem: str
    snapshot: int | None
    streams: dict[str, StreamOutcomeBody]


class SyncsBody(Schema):
    """Some syncs, newest first."""

    syncs: list[SyncBody]
    total: int


class StopBody(Schema):
    """Whether there was a sync to stop. A running one ends after the page it is at."""

    stopped: bool


class StreamBody(Schema):
    """Something a source has."""

    name: str
    label: str
    key: list[str]
    columns: list[str] = Field(description="Empty: known when it is read.")
    cursor: str | None
    created: str | None
    dataset: str = Field(description="The dataset it fills; empty: it is not read.")


class CheckBody(Schema):
    """A source that was reached."""

    reached: str
    details: dict[str, str]
    streams: list[StreamBody]
