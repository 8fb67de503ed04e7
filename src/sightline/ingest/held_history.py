"""What became of rows that were held: who dealt with them, when, and why. Read from the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sightline.accounts.access import Access
from sightline.accounts.models import AuditEntry
from sightline.errors import NotAllowed
from sightline.ingest.quarantine import sees_held

VERBS = ("released rows", "replayed rows", "fixed a row", "discarded rows")
PAGE_SIZE = 50


@dataclass(frozen=True)
class Past:
    """One time that somebody dealt with rows.

    `rows` names them as run:row, `changes` are (field, before, after) of a row that was mended.
    """

    at: datetime
    by: str
    verb: str
    reason: str
    chosen: int
    released: int
    held_again: int
    discarded: int
    gone: int
    reasons: tuple[str, ...]
    rows: tuple[str, ...]
    changes: tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True)
class PastPage:
    """Some of what was done, newest first, and how often something was done in all."""

    past: tuple[Past, ...]
    total: int


def history_of(*, access: Access, dataset: str, page: int = 1, page_size: int = PAGE_SIZE) -> PastPage:
    """Return what became of held rows of a dataset. For those who may see what is held of it."""
    access.require("see_quarantine")
    definition = access.folder.catalog.dataset(dataset)
    if not sees_held(access, definition.name):
        raise NotAllowed("Held rows are shown to those who may see every row of the dataset.")
    found = AuditEntry.objects.filter(workspace=access.workspace, object=definition.name, verb__in=VERBS)
    start = (max(page, 1) - 1) * page_size
    return PastPage(tuple(_past(entry) for entry in found.order_by("-id")[start : start + page_size]), found.count())


def _past(entry: AuditEntry) -> Past:
    detail: dict[str, Any] = entry.detail
    counts = {name: int(detail.get(name) or 0) for name in ("released", "held_again", "discarded", "gone")}
    return Past(
        at=entry.at,
        by=entry.actor,
        verb=entry.verb,
        reason=str(detail.get("reason") or ""),
        chosen=sum(counts.values()),
        reasons=tuple(map(str, detail.get("reasons") or ())),
        rows=tuple(map(str, detail.get("rows") or ())),
        changes=tuple(_changes(detail.get("changes") or ())),
        **counts,
    )


def _changes(changes: Sequence[dict[str, Any]]) -> list[tuple[str, str | None, str | None]]:
    return [(name, change["before"].get(name), after) for change in changes for name, after in change["after"].items()]
