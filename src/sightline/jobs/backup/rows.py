"""What the application database knows of a workspace, as lines of JSON, and back under new numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core import serializers
from django.db import connection
from django.db.models import Model, QuerySet

from sightline.accounts.models import AuditEntry, Membership, SavedFilter, User
from sightline.ingest.models import (
    DataEvent,
    ImportRun,
    InboxBatch,
    ManualEntry,
    Source,
    SourceSecret,
    SourceVersion,
    StreamState,
    SyncRun,
)

LINES = "jsonl"
OWNED: tuple[type[Model], ...] = (Membership, SavedFilter, Source, ImportRun, DataEvent, ManualEntry)
"""Rows that name the workspace. Sources come before what belongs to them."""

OF_SOURCES: tuple[type[Model], ...] = (SourceVersion, SourceSecret, StreamState, SyncRun, InboxBatch)


def tables(workspace: str) -> Iterator[tuple[str, QuerySet[Any]]]:
    """Yield the rows of a workspace by the name of their table, in the order in which they can be restored."""
    yield "users", User.objects.filter(memberships__workspace=workspace).order_by("pk")
    for model in OWNED:
        yield _name(model), QuerySet(model).filter(workspace=workspace).order_by("pk")
    for model in OF_SOURCES:
        yield _name(model), QuerySet(model).filter(source__workspace=workspace).order_by("pk")


def audit_of(workspace: str) -> bytes:
    """Return the workspace's part of the audit log, to be read: it cannot go back into another log's chain."""
    return as_lines(AuditEntry.objects.filter(workspace=workspace).order_by("pk"))


def as_lines(rows: QuerySet[Any]) -> bytes:
    """Return rows as lines of JSON."""
    text: str = serializers.serialize(LINES, rows.iterator(chunk_size=2000))
    return text.encode()


def hold_inbox() -> None:
    """Let nobody begin to store events until the transaction ends: what waits is then in no snapshot yet."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE ingest_inboxbatch IN SHARE MODE")
    # SQLite: the transaction began IMMEDIATE, so nobody else writes


def restore_rows(folder: Path, *, workspace: str) -> int:
    """Insert the rows kept in a folder, as the workspace's, and return how many. People who have an account keep it."""
    numbers: dict[tuple[type[Model], Any], Any] = {}
    count = 0
    for name in ("users", *map(_name, OWNED), *map(_name, OF_SOURCES)):
        with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
            for found in serializers.deserialize(LINES, lines):
                row: Any = found.object
                old = (type(row), row.pk)
                numbers[old] = _insert(row, workspace, numbers)
                count += 1
    return count


def _insert(row: Any, workspace: str, numbers: dict[tuple[type[Model], Any], Any]) -> Any:
    if isinstance(row, User) and (known := User.objects.filter(email=row.email).first()):
        return known.pk
    if hasattr(row, "workspace"):
        row.workspace = workspace
    for relation in row._meta.concrete_fields:  # noqa: SLF001 - Django's documented interface
        if relation.is_relation:
            setattr(row, relation.attname, numbers[relation.related_model, getattr(row, relation.attname)])
    row.pk = None
    row.save(force_insert=True)
    return row.pk


def _name(model: type[Model]) -> str:
    return model.__name__.lower()
