"""Batches that were given up: looking at them, putting them back, or letting them go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count

from sightline.accounts import audit
from sightline.accounts.access import Access
from sightline.errors import Conflict, NotAllowed, NotFound
from sightline.ingest.connections import source_named, spec_of
from sightline.ingest.data_events import About, Level, end_event, open_event
from sightline.ingest.models import InboxBatch, Source
from sightline.ingest.quarantine import sees_personal_data

if TYPE_CHECKING:
    from django.db.models import QuerySet

    InboxBatchQuery = QuerySet[InboxBatch]

PAGE_SIZE = 50
DISCARDED = "discarded: "
KIND = "dead_letter"


class NoLongerDead(Conflict):
    """The batch is not among the dead letters any more: somebody put it back, or let it go."""

    code = "SL-E357"


@dataclass(frozen=True)
class DeadLetter:
    """One batch that was given up. `body` is empty unless asked for by somebody who may see it."""

    id: int
    key: str
    format: str
    records: int
    received_at: datetime
    attempts: int
    problem: str
    size: int
    body: str = ""


@dataclass(frozen=True)
class DeadLetterPage:
    """Some dead letters, newest first, and how many there are in all."""

    letters: tuple[DeadLetter, ...]
    total: int
    shows_bodies: bool


def dead_letters(*, access: Access, source: str, page: int = 1, page_size: int = PAGE_SIZE) -> DeadLetterPage:
    """Return one page of a source's dead letters, without their bodies."""
    access.require("see_quarantine")
    dead = _dead(source_named(access.workspace, source)).order_by("-pk")
    start = (max(page, 1) - 1) * page_size
    letters = tuple(_letter(batch) for batch in dead[start : start + page_size])
    return DeadLetterPage(letters, dead.count(), shows_bodies(access, source))


def dead_letter(*, access: Access, source: str, letter: int) -> DeadLetter:
    """Return one dead letter with its body, as far as it is text.

    A raw body obeys no row policy and no mask: it is for those who see every row of the source's datasets, and no
    personal data masked. Raises NotAllowed otherwise.
    """
    access.require("see_quarantine")
    if not shows_bodies(access, source):
        raise NotAllowed("Bodies are shown to those who may see every row of the source's datasets, unmasked.")
    batch = _one(source_named(access.workspace, source), letter)
    body = bytes(batch.body or b"")
    return _letter(batch, body=body.decode(errors="replace") if batch.format != "remote_write" else body.hex())


def shows_bodies(access: Access, source: str) -> bool:
    """Return whether raw bodies of a source are shown to this viewer."""
    policy = access.viewer.policy
    catalog = access.folder.catalog
    names = {stream.dataset for stream in spec_of(source_named(access.workspace, source)).streams.values()}
    known = [catalog.datasets[name] for name in names if name in catalog.datasets]
    # what has no dataset can hold anything, so there every mask counts
    sees_all = policy.masks.get("*") == "show" and policy.rows_of("*") == "all"
    return sees_all or (
        len(known) == len(names)
        and all(policy.rows_of(each.name) == "all" and sees_personal_data(policy, each) for each in known)
    )


def replay(*, access: Access, source: str, letter: int, now: datetime) -> None:
    """Put a dead letter back: it is stored as soon as the worker gets to it. Raises NoLongerDead."""
    access.require("import_data")
    found = source_named(access.workspace, source)
    with transaction.atomic():
        changed = _dead(found).filter(pk=letter).update(state=InboxBatch.State.WAITING, attempts=0, problem="")
        _require_changed(found, letter, changed)
        _note(access, found, letter, verb="dead letter replayed", now=now)
    tell_of_dead_letters(found, now=now)


def replay_all(*, access: Access, source: str, now: datetime) -> int:
    """Put all dead letters of a source back, for example after an outage; return how many."""
    access.require("import_data")
    found = source_named(access.workspace, source)
    with transaction.atomic():
        number = _dead(found).update(state=InboxBatch.State.WAITING, attempts=0, problem="")
        if number:
            detail = {"letters": number}
            audit.record(
                workspace=access.workspace,
                actor=access.actor,
                verb="dead letters replayed",
                object=found.name,
                detail=detail,
                now=now,
            )
    tell_of_dead_letters(found, now=now)
    return number


def discard(*, access: Access, source: str, letter: int, reason: str, now: datetime) -> None:
    """Let go of a dead letter for good, with the reason. Its key stays known for a while. Raises NoLongerDead."""
    access.require("import_data")
    found = source_named(access.workspace, source)
    said = " ".join(reason.split())[:500]
    if not said:
        raise NotAllowed("A dead letter is discarded with a reason.", hint="Say why; it is kept in the audit log.")
    with transaction.atomic():
        changed = (
            _dead(found)
            .filter(pk=letter)
            .update(state=InboxBatch.State.DONE, body=None, done_at=now, problem=DISCARDED + said)
        )
        _require_changed(found, letter, changed)
        _note(access, found, letter, verb="dead letter discarded", now=now, reason=said)
    tell_of_dead_letters(found, now=now)


def tell_of_dead_letters(source: Source, *, now: datetime) -> None:
    """Open the data event about a source's dead letters, bring it up to date, or end it when there are none."""
    about = About(source.workspace, KIND, source=source.name)
    number = _dead(source).aggregate(number=Count("pk"))["number"]
    if not number:
        end_event(about, now=now)
        return
    newest = _dead(source).order_by("-pk").values_list("problem", flat=True).first()
    what = "1 request" if number == 1 else f"{number:,} requests"
    message = f"{what} of {source.name} could not be stored. The newest: {newest}"
    open_event(about, level=Level.ERROR, message=message, now=now, detail={"dead_letters": number})


def _dead(source: Source) -> InboxBatchQuery:
    return InboxBatch.objects.filter(source=source, state=InboxBatch.State.DEAD)


def _one(source: Source, letter: int) -> InboxBatch:
    found = _dead(source).filter(pk=letter).first()
    if found is None:
        raise NotFound(f'source "{source.name}" has no dead letter {letter}', hint="It may have been dealt with.")
    return found


def _require_changed(source: Source, letter: int, changed: int) -> None:
    if changed:
        return
    if InboxBatch.objects.filter(source=source, pk=letter).exists():
        raise NoLongerDead(f"dead letter {letter} was dealt with meanwhile", hint="Look at the list again.")
    _one(source, letter)


def _note(access: Access, source: Source, letter: int, *, verb: str, now: datetime, **detail: str) -> None:
    audit.record(
        workspace=access.workspace,
        actor=access.actor,
        verb=verb,
        object=source.name,
        detail={"letter": letter, **detail},
        now=now,
    )


def _letter(batch: InboxBatch, *, body: str = "") -> DeadLetter:
    return DeadLetter(
        id=batch.pk,
        key=batch.key,
        format=batch.format,
        records=batch.records,
        received_at=batch.received_at,
        attempts=batch.attempts,
        problem=batch.problem,
        size=len(batch.body or b""),
        body=body,
    )
