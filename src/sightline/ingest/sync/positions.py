"""How far the streams of a source have been read, in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sightline.ingest.models import Source, StreamState
from sightline.ingest.sync.plan import Position
from sightline.sources.base import Cursor


def positions_of(source: Source) -> dict[str, Position]:
    """Return the position of each stream that was ever read."""
    rows = StreamState.objects.filter(source=source)
    return {row.stream: Position(row.cursor, row.backfill, tuple(row.columns)) for row in rows}


def move_cursor(source: Source, stream: str, cursor: Cursor | None, *, now: datetime) -> None:
    """Remember that everything before the cursor is in the lake."""
    _change(source, stream, {"cursor": None if cursor is None else dict(cursor)}, now)


def move_backfill(source: Source, stream: str, backfill: Mapping[str, Any] | None, *, now: datetime) -> None:
    """Remember how far a backfill is; None: it is over."""
    _change(source, stream, {"backfill": None if backfill is None else dict(backfill)}, now)


def remember_columns(source: Source, stream: str, columns: Sequence[str], *, now: datetime) -> None:
    """Remember the columns a stream has, which the next sync compares with."""
    _change(source, stream, {"columns": list(columns)}, now)


def _change(source: Source, stream: str, values: dict[str, Any], now: datetime) -> None:
    StreamState.objects.update_or_create(source=source, stream=stream, defaults={**values, "changed_at": now})
