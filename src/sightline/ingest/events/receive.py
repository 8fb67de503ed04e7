"""Keeping a request: one row, on disk before it is acknowledged."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, connection, transaction

from sightline.errors import Conflict, UserError
from sightline.ingest.events.body import BadEvents, Content

LONGEST_KEY = 200
Row = tuple[int, str, bytes, str, bytes, int, str]
_INSERT = """
    INSERT INTO ingest_inboxbatch
        (source_id, key, digest, format, body, records, received_at, state, run, attempts, problem)
    VALUES (%s, %s, %s, %s, %s, %s, %s, 'waiting', '', 0, '') ON CONFLICT (source_id, key) DO NOTHING
"""
"""Written out, as in `door`: this is most of the work of an event."""


class KeyReused(Conflict):
    """The idempotency key was used before, for another body."""

    code = "SL-E352"
    permanent = True


class CannotKeep(UserError):
    """The request could not be stored, so it is not acknowledged: send it again."""

    code = "SL-E355"
    permanent = False


@dataclass(frozen=True)
class Receipt:
    """What is acknowledged: the records of a request, and the key of its batch."""

    accepted: int
    id: str


@dataclass
class _Pending:
    """A row on its way to the disk: `is_new` is None until it is there; False when its key was there before."""

    row: Row
    is_new: bool | None = None
    error: DatabaseError | None = None


class _Writer:
    """Puts rows of several threads into one commit.

    A commit waits for the disk, some thousand times as long as for the processor. Whoever comes first writes; what
    arrives meanwhile is written together by the next. No thread of its own is needed, and alone nobody waits.
    """

    def __init__(self) -> None:
        self._arriving = threading.Lock()
        self._writing = threading.Lock()
        self._pending: list[_Pending] = []

    def write(self, row: Row) -> bool:
        """Return, once the row is on disk, whether it is new. Raises DatabaseError."""
        mine = _Pending(row)
        with self._arriving:
            self._pending.append(mine)
        with self._writing:
            if mine.is_new is None and mine.error is None:
                with self._arriving:
                    together, self._pending = self._pending, []
                _commit(together)
        if mine.error is not None:
            raise mine.error
        return bool(mine.is_new)


_WRITER = _Writer()


def _commit(together: list[_Pending]) -> None:
    """Write rows in one transaction; when that fails each by itself, so that one cannot spoil the others."""
    try:
        with durable(), transaction.atomic(), connection.cursor() as cursor:
            found = []
            for each in together:
                cursor.execute(_INSERT, each.row)
                found.append(cursor.rowcount == 1)
    except DatabaseError as error:
        if len(together) == 1:
            together[0].error = error
            return
        for each in together:
            _commit([each])
        return
    for each, is_new in zip(together, found, strict=True):
        each.is_new = is_new


def keep(content: Content, *, source: int, key: str, now: datetime) -> Receipt:
    """Return the receipt of a request that is on disk. The same key with the same body is kept once."""
    digest = hashlib.sha256(content.format.encode() + b"\n" + content.data).digest()
    name = _checked(key) or new_key(now)
    moment = str(connection.ops.adapt_datetimefield_value(now))
    try:
        is_new = _WRITER.write((source, name, digest, content.format, content.data, content.records, moment))
    except DatabaseError as error:
        raise CannotKeep("the events could not be stored", hint="Send them again in a moment.") from error
    if not is_new:
        _require_same(source, name, digest)
    return Receipt(content.records, name)


def new_key(now: datetime) -> str:
    """Return a key that no other batch has. It begins with the time: keys in order are stored ten times as fast."""
    return f"{int(now.timestamp() * 1000):012x}-{secrets.token_hex(10)}"


@contextmanager
def durable() -> Iterator[None]:
    """Commits inside outlive a power cut, too. PostgreSQL does so anyway; SQLite is asked to wait for the disk."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
        try:
            yield
        finally:
            cursor.execute("PRAGMA synchronous=NORMAL")


def _checked(key: str) -> str:
    if len(key) > LONGEST_KEY or any(not character.isprintable() for character in key):
        raise BadEvents(
            f"the Idempotency-Key has {len(key)} characters or some that cannot be printed",
            hint=f"at most {LONGEST_KEY} printable ones are taken",
        )
    return key.strip()


def _require_same(source: int, key: str, digest: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest FROM ingest_inboxbatch WHERE source_id = %s AND key = %s", [source, key])
        found = cursor.fetchone()
    if found is None:
        raise CannotKeep("the events could not be stored", hint="Send them again in a moment.")
    if bytes(found[0]) != digest:
        raise KeyReused(
            f'the Idempotency-Key "{key}" was used for another body',
            hint="a new body needs a new key; keys are known for seven days after their events are stored",
        )
