"""Data events as lists tell of them: what is so now, and what was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sightline.accounts.access import Access
from sightline.ingest.events_told import events_told
from sightline.ingest.models import DataEvent
from sightline.ingest.overview import require_may_see

EventState = Literal["open", "ended", "all"]


@dataclass(frozen=True)
class EventLine:
    """One event: `at` is when it was first seen, `seen_at` when it was last so, `ended_at` None while it lasts."""

    id: int
    kind: str
    level: str
    source: str
    dataset: str
    subject: str
    message: str
    detail: Mapping[str, Any]
    at: datetime
    seen_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class EventPage:
    """One page of events, the newest first, and how many there are."""

    events: tuple[EventLine, ...]
    total: int


def data_events(*, access: Access, state: EventState = "open", page: int = 1, page_size: int = 50) -> EventPage:
    """Return the events of a workspace. Raises PermissionMissing.

    They are for those who may see sources. One about a dataset tells of all its rows, so it is only for those who see
    every row of it.
    """
    require_may_see(access)
    found = events_told(access)
    if state != "all":
        found = found.filter(ended_at__isnull=state == "open")
    start = (page - 1) * page_size
    rows = found.order_by("-at", "-pk")[start : start + page_size]
    return EventPage(tuple(_line(each) for each in rows), found.count())


def _line(event: DataEvent) -> EventLine:
    return EventLine(
        id=event.pk,
        kind=event.kind,
        level=event.level,
        source=event.source,
        dataset=event.dataset,
        subject=event.subject,
        message=event.message,
        detail=event.detail,
        at=event.at,
        seen_at=event.seen_at,
        ended_at=event.ended_at,
    )
