"""Recording what people should know about data. An event lasts: it is opened once, seen again, and ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from sightline.ingest.models import DataEvent

Level = DataEvent.Level


@dataclass(frozen=True)
class About:
    """What an event is about. Two with the same values are the same event."""

    workspace: str
    kind: str
    source: str = ""
    dataset: str = ""
    subject: str = ""


def open_event(
    about: About, *, level: str, message: str, now: datetime, detail: Mapping[str, Any] | None = None
) -> DataEvent:
    """Return the open event about this, made now unless there is one; what it says is brought up to date."""
    said = {"level": level, "message": message, "detail": dict(detail or {}), "seen_at": now}
    found: DataEvent | None = _open(about).first()
    if found is None:
        return DataEvent.objects.create(**vars(about), **said, at=now)
    DataEvent.objects.filter(pk=found.pk).update(**said)
    found.refresh_from_db()
    return found


def end_event(about: About, *, now: datetime) -> bool:
    """Return whether there was an open event about this, which is now ended."""
    return bool(_open(about).update(ended_at=now))


def note(about: About, *, message: str, now: datetime, detail: Mapping[str, Any] | None = None) -> DataEvent:
    """Record something that happened and does not last."""
    said = {"level": Level.NOTE, "message": message, "detail": dict(detail or {})}
    return DataEvent.objects.create(**vars(about), **said, at=now, seen_at=now, ended_at=now)


def _open(about: About) -> QuerySet[DataEvent]:
    return DataEvent.objects.filter(**vars(about), ended_at=None)
