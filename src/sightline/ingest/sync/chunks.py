"""Pages gathered into chunks: a commit a page would make many small files, one for all would lose all at a kill."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from sightline.sources.base import Cursor, Merged, Page, Record

MOST_RECORDS = 20_000
LONGEST = timedelta(seconds=20)


@dataclass
class Chunk:
    """Some pages of a stream, stored in one commit. `cursor` is that of the last page."""

    records: list[Record] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    cursor: Cursor | None = None

    def add(self, page: Page) -> None:
        self.records.extend(page.records)
        self.deleted.extend(page.deleted)
        self.merged.extend(page.merged)
        self.cursor = page.cursor

    def __bool__(self) -> bool:
        return bool(self.records or self.deleted or self.merged or self.cursor is not None)


def chunks_of(pages: Iterable[Page], *, now: Callable[[], datetime]) -> Iterator[Chunk]:
    """Yield chunks that are full, or have waited long enough, and the rest."""
    chunk, began = Chunk(), now()
    for page in pages:
        chunk.add(page)
        if len(chunk.records) >= MOST_RECORDS or now() - began >= LONGEST:
            yield chunk
            chunk, began = Chunk(), now()
    if chunk:
        yield chunk


def latest_of_each(records: Iterable[Record], key: tuple[str, ...]) -> list[Record]:
    """Return the records without earlier versions of the same one: a page may be read again before it is stored."""
    found: dict[tuple[Any, ...], Record] = {}
    unnamed: list[Record] = []
    for record in records:
        name = tuple(record.get(column) for column in key)
        if None in name:
            unnamed.append(record)  # it is held back with a reason
        else:
            found.pop(name, None)  # the later one keeps the later place
            found[name] = record
    return [*found.values(), *unnamed]


def run_prefix(source: str, stream: str) -> str:
    """Return how the ids of a stream's runs begin."""
    return f"sync-{source}-{re.sub(r'[^A-Za-z0-9_.]', '_', stream)[:40]}-"


def run_id(source: str, stream: str, records: Iterable[Record]) -> str:
    """Return the id of storing these records: the same records make the same id, so a repeated page adds nothing."""
    digest = hashlib.sha256(
        orjson.dumps([dict(record) for record in records], default=str, option=orjson.OPT_SORT_KEYS)
    )
    return run_prefix(source, stream) + digest.hexdigest()[:16]


def days_of(records: Iterable[Record], column: str | None) -> set[date]:
    """Return the UTC days of a column of moments, as far as they can be read."""
    if column is None:
        return set()
    found = set()
    for text in {str(record[column])[:32] for record in records if record.get(column)}:
        moment = _moment(text)
        if moment is not None:
            found.add(moment.date())
    return found


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
