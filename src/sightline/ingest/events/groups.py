"""Batches taken together, and what became of them.

waiting → taken, by a run whose id is written in the same update → done, or dead. A run that was killed is found by its
id, with the same batches, and the lake knows what of it is stored. So what a run consists of never grows, and when it
shrinks or is split, every part gets an id of its own that begins with the old one (`r`, `r.0`, `r.0.1`, `r.p7`): what
was stored under an id includes the batches of all ids that begin with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Max, Min, Q
from django.db.models.functions import Length

from sightline.ingest.models import InboxBatch, Source, StreamState

if TYPE_CHECKING:
    from django.db.models import QuerySet

    InboxBatchQuery = QuerySet[InboxBatch]

State = InboxBatch.State
COUNTERS = "remote write"
"""The stream under whose name the state of a source's counters is kept."""
MOST_BATCHES = 4_000
MOST_ROWS = 40_000
MOST_BYTES = 24 * 1024 * 1024
BYTES_OF_A_SAMPLE = 10
"""Remote write tells no number of records; a sample has about so many bytes when packed."""


@dataclass(frozen=True)
class Group:
    """The batches of one run, in the order they came. `attempts` includes the one that begins now.

    Of a run that is not new some may be in the lake: it, or one it was part of, was tried before.
    """

    source: Source
    run: str
    batches: tuple[InboxBatch, ...]
    attempts: int
    is_new: bool = False


def lineage(run: str) -> list[str]:
    """Return the run and those it was part of."""
    parts = run.split(".")
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


def sources_with_events() -> list[Source]:
    """Return the sources that have something to store: those that fail come last, else those that wait longest first.

    So what a source sends that brings the process down is tried when the events of the others are stored.
    """
    open_ = InboxBatch.objects.filter(state__in=(State.WAITING, State.TAKEN), source__is_paused=False)
    tries = Max("attempts", filter=Q(state=State.TAKEN), default=0)
    turns = {
        source: (attempts, first)
        for source, attempts, first in open_.order_by().values_list("source").annotate(tries=tries, first=Min("pk"))
    }
    return sorted(Source.objects.filter(pk__in=turns), key=lambda source: turns[source.pk])


def next_group(source: Source) -> Group | None:
    """Return what to store next: what a run left behind, what was put back, then what is new. None: nothing."""
    waiting = InboxBatch.objects.filter(source=source, state=State.WAITING)
    run, is_new = _first_run(InboxBatch.objects.filter(source=source, state=State.TAKEN)), False
    if run:
        InboxBatch.objects.filter(source=source, state=State.TAKEN, run=run).update(attempts=F("attempts") + 1)
    elif run := _first_run(waiting.exclude(run="")):
        waiting.filter(run=run).update(state=State.TAKEN, attempts=F("attempts") + 1)
    elif last := _last_that_fits(waiting):
        run, is_new = f"in-{secrets.token_hex(8)}", True
        waiting.filter(run="", pk__lte=last).update(state=State.TAKEN, run=run, attempts=F("attempts") + 1)
    else:
        return None
    batches = tuple(InboxBatch.objects.filter(source=source, state=State.TAKEN, run=run).order_by("pk"))
    return Group(source, run, batches, max(batch.attempts for batch in batches), is_new) if batches else None


def set_apart(group: Group, problems: Mapping[int, str], *, is_untouched: bool = False) -> None:
    """Give up some batches of a group, by their ids; the others go on as a run of their own.

    Of an untouched group nothing was ever stored, so its batches need no run to tell what was: put back, they are
    stored together with any others, not one by one.
    """
    others = [batch.pk for batch in group.batches if batch.pk not in problems]
    with transaction.atomic():
        for pk, problem in problems.items():
            run = f"{group.run}.p{pk:x}" if others or len(problems) > 1 else group.run
            run = "" if is_untouched else run
            InboxBatch.objects.filter(pk=pk).update(state=State.DEAD, run=run, problem=problem[:2000])
        if others:
            _taken(group, others).update(run=f"{group.run}.0", attempts=0)


def split(group: Group, *, attempts: int) -> None:
    """Make two runs of one, to find out which batch is at fault; both count as tried so often."""
    ids = [batch.pk for batch in group.batches]
    middle = ids[len(ids) // 2]
    with transaction.atomic():
        mine = InboxBatch.objects.filter(source=group.source, state=State.TAKEN, run=group.run)
        mine.filter(pk__gte=middle).update(run=f"{group.run}.1", attempts=attempts)
        mine.update(run=f"{group.run}.0", attempts=attempts)


def is_at_fault(group: Group) -> bool:
    """Return whether a batch that fails alone is itself to blame: batches that it was taken with have been stored.

    Otherwise nothing can be stored at the moment, by no fault of the batch. One that was always alone is taken for it.
    """
    root = lineage(group.run)[-1]
    stored = InboxBatch.objects.filter(source=group.source, state=State.DONE, run__startswith=f"{root}.")
    return group.run == root or stored.exists()


def finish(group: Group, held: Iterable[InboxBatch], *, counters: Mapping[str, Any] | None, now: datetime) -> None:
    """Mark a group as stored and drop its bodies.

    In the same step what could not be routed is kept apart, and the state of its counters moves behind it.
    """
    with transaction.atomic():
        if counters is not None:
            StreamState.objects.update_or_create(
                source=group.source, stream=COUNTERS, defaults={"cursor": dict(counters), "changed_at": now}
            )
        InboxBatch.objects.bulk_create(held, ignore_conflicts=True)
        mine = InboxBatch.objects.filter(source=group.source, state=State.TAKEN, run=group.run)
        mine.update(state=State.DONE, body=None, done_at=now, problem="")


def counters_of(source: Source) -> Mapping[str, Any] | None:
    """Return the state of the counters of a source that Prometheus writes to."""
    state: Mapping[str, Any] | None = (
        StreamState.objects.filter(source=source, stream=COUNTERS).values_list("cursor", flat=True).first()
    )
    return state


def remember_problem(group: Group, problem: str) -> None:
    """Keep why a group failed, to be tried again."""
    _taken(group, [batch.pk for batch in group.batches]).update(problem=problem[:2000])


def forget_stored(*, before: datetime) -> int:
    """Delete what was stored before a moment, with its keys; return how many batches."""
    number, _ = InboxBatch.objects.filter(state=State.DONE, done_at__lt=before).delete()
    return number


def _taken(group: Group, ids: Sequence[int]) -> InboxBatchQuery:
    mine = InboxBatch.objects.filter(source=group.source, state=State.TAKEN, run=group.run)
    return mine if len(ids) == len(group.batches) else mine.filter(pk__in=ids)


def _first_run(batches: InboxBatchQuery) -> str:
    return batches.order_by("pk").values_list("run", flat=True).first() or ""


def _last_that_fits(waiting: InboxBatchQuery) -> int:
    """Return the id up to which waiting batches are not too much for one run, 0 when none waits."""
    sizes = waiting.filter(run="").order_by("pk").annotate(size=Length("body")).values_list("pk", "records", "size")
    rows = size = last = 0
    for pk, records, length in sizes[:MOST_BATCHES]:
        rows += records or (length or 0) // BYTES_OF_A_SAMPLE
        size += length or 0
        if last and (rows > MOST_ROWS or size > MOST_BYTES):
            break
        last = pk
    return last
