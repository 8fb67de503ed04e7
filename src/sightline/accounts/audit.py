"""The audit log: who did, saw or changed what.

Each entry's digest covers the entry and the digest before it, so a line changed, removed from the middle or slipped in
shows (`verify_chain`). Database triggers refuse changes in the first place (`append_only`).
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from sightline.accounts.models import AuditEntry
from sightline.accounts.one_at_a_time import one_at_a_time

GENESIS = "0" * 64
ACCESS_WINDOW = timedelta(minutes=15)

_seen: dict[str, datetime] = {}
_seen_lock = threading.Lock()


@dataclass(frozen=True)
class Chain:
    """The state of the audit log. `broken_at` is the number of the first entry that does not fit."""

    entries: int
    head: str
    broken_at: int | None = None
    reason: str = ""

    @property
    def is_sound(self) -> bool:
        return self.broken_at is None


def record(
    *,
    workspace: str,
    actor: str,
    verb: str,
    object: str,  # noqa: A002 (the word of the log's readers: actor, verb, object)
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    address: str = "",
) -> AuditEntry:
    """Append an entry and return it. Inside a transaction it stands or falls with what it records."""
    entry = AuditEntry(
        at=now.astimezone(UTC),
        workspace=workspace[:63],
        actor=_text(actor)[:320],
        verb=verb[:63],
        object=_text(object)[:320],
        detail=_kept_alike(json.loads(json.dumps(detail or {}, default=str))),
        address=address[:45],
    )
    with transaction.atomic():
        one_at_a_time("audit")  # two entries must not follow the same one
        entry.previous = AuditEntry.objects.order_by("-id").values_list("digest", flat=True).first() or GENESIS
        entry.digest = digest_of(entry)
        entry.save(force_insert=True)
    return entry


def record_access(
    *,
    workspace: str,
    actor: str,
    verb: str,
    object: str,  # noqa: A002 (see record)
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    address: str = "",
) -> None:
    """Append an entry for data that was looked at, once per quarter of an hour and process for the same thing.

    Reloading a dashboard is not news, and one write per page view would make readers queue for the database.
    """
    key = json.dumps([workspace, actor, verb, object, detail, address], sort_keys=True, default=str)
    with _seen_lock:
        if key in _seen and timedelta(0) <= now - _seen[key] < ACCESS_WINDOW:
            return
        for old in [k for k, at in _seen.items() if now - at >= ACCESS_WINDOW]:
            del _seen[old]
        _seen[key] = now
    record(workspace=workspace, actor=actor, verb=verb, object=object, now=now, detail=detail, address=address)


def _text(value: str) -> str:
    """Return the text without the one character that PostgreSQL does not keep."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _kept_alike(value: Any) -> Any:
    """Return JSON that every database gives back as it was: otherwise the digest would not fit what is read.

    PostgreSQL keeps numbers as decimals (1e16 comes back as a whole number, -0.0 as 0.0) and has no NaN.
    """
    if isinstance(value, dict):
        return {_text(name): _kept_alike(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_kept_alike(each) for each in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return int(value) if "e+" in repr(value) else value + 0.0
    return _text(value) if isinstance(value, str) else value


def digest_of(entry: AuditEntry) -> str:
    """Return the SHA-256 of an entry's canonical JSON, which includes the digest of the entry before."""
    content = {
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "workspace": entry.workspace,
        "actor": entry.actor,
        "verb": entry.verb,
        "object": entry.object,
        "detail": entry.detail,
        "address": entry.address,
        "previous": entry.previous,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def verify_chain() -> Chain:
    """Return whether every entry is as it was written and follows the one before."""
    previous, count = GENESIS, 0
    for entry in AuditEntry.objects.order_by("id").iterator(chunk_size=1000):
        if entry.previous != previous:
            return Chain(count, previous, entry.pk, "an entry before it was removed, added or changed")
        if entry.digest != digest_of(entry):
            return Chain(count, previous, entry.pk, "its content was changed")
        previous, count = entry.digest, count + 1
    return Chain(count, previous)
