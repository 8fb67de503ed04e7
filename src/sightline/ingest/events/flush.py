"""Bringing waiting events into the lake: take a group, route its records, store each part, mark it done.

May be killed anywhere and run again: see `groups` for why nothing is lost or stored twice.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sightline.accounts.access import current_home
from sightline.errors import SightlineError
from sightline.home import WorkspaceFolder
from sightline.ingest.connections import spec_of
from sightline.ingest.events.dead_letters import tell_of_dead_letters
from sightline.ingest.events.groups import (
    Group,
    counters_of,
    finish,
    is_at_fault,
    lineage,
    next_group,
    remember_problem,
    set_apart,
    sources_with_events,
    split,
)
from sightline.ingest.events.remote_write import REMOTE_WRITE
from sightline.ingest.events.routing import Part, Routed, held_batch, route
from sightline.ingest.models import InboxBatch, Source
from sightline.ingest.records import store_records
from sightline.lake.publish import publish_newest
from sightline.lake.store import Lake

log = logging.getLogger(__name__)

MOST_FAILURES = 5
"""After so many attempts that ended in an error that may pass, the batch at fault is looked for and given up."""
MOST_INTERRUPTIONS = 20
"""After so many attempts that never ended, the same: the batch brings the process down."""


@dataclass(frozen=True)
class Flushed:
    """What was done for one source. `failed` is why nothing could be done now; then wait a little."""

    batches: int = 0
    records: int = 0
    datasets: tuple[str, ...] = ()
    failed: str = ""


def flush_source(source: Source, *, now: datetime) -> Flushed | None:
    """Return what became of the source's next group of batches, None when it has none."""
    group = next_group(source)
    if group is None:
        return None
    if group.attempts > MOST_INTERRUPTIONS:
        problem = group.batches[0].problem or "The process ended each time this was being stored."
        _give_up(group, problem, now, attempts=MOST_INTERRUPTIONS - 2)
        return Flushed()
    try:
        return _store_group(group, now)
    except Exception as error:  # whatever it is: a batch must not stop the others for ever
        if not isinstance(error, SightlineError):
            log.exception("events of %s could not be stored", source)
        return _after(error, group, now)


def flush_all(*, now: datetime) -> list[Flushed]:
    """Store everything that waits, source by source; for tests and commands."""
    done = []
    for source in sources_with_events():
        while flushed := flush_source(source, now=now):
            done.append(flushed)
            if flushed.failed:
                break
    return done


def _store_group(group: Group, now: datetime) -> Flushed:
    source = group.source
    folder = current_home().workspace(source.workspace)
    counters = counters_of(source) if any(batch.format == REMOTE_WRITE for batch in group.batches) else None
    routed = route(group.batches, spec=spec_of(source), catalog=folder.catalog, counters=counters)
    if routed.faults:
        set_apart(group, routed.faults, is_untouched=group.is_new)
        tell_of_dead_letters(source, now=now)
        return Flushed()  # the others are the next group
    for part in routed.parts:
        _store_part(part, group, folder, now)
    finish(group, _held(group, routed), counters=routed.counters, now=now)
    if routed.held:
        tell_of_dead_letters(source, now=now)
    records = sum(len(part.records) for part in routed.parts)
    return Flushed(len(group.batches), records, tuple(dict.fromkeys(part.dataset.name for part in routed.parts)))


def _store_part(part: Part, group: Group, folder: WorkspaceFolder, now: datetime) -> None:
    if not group.is_new and _is_stored(part, group, folder.lake):
        publish_newest(folder.lake, part.dataset, now=now)
        return
    run = f"{group.run}-{part.name}"
    store_records(folder=folder, dataset=part.dataset, records=part.records, mapping=part.mapping, run=run, now=now)


def _is_stored(part: Part, group: Group, lake: Lake) -> bool:
    table = lake.table(part.dataset.name)
    return any(table.is_done(f"{run}-{part.name}") for run in lineage(group.run))


def _held(group: Group, routed: Routed) -> list[InboxBatch]:
    by_id = {batch.pk: batch for batch in group.batches}
    return [held_batch(by_id[pk], records, routed.why[pk]) for pk, records in routed.held.items()]


def _after(error: Exception, group: Group, now: datetime) -> Flushed:
    is_permanent = isinstance(error, SightlineError) and error.permanent
    problem = str(error) if isinstance(error, SightlineError) else f"An error on our side: {type(error).__name__}"
    is_hopeless = group.attempts >= MOST_FAILURES and (len(group.batches) > 1 or is_at_fault(group))
    if is_permanent or is_hopeless:
        _give_up(group, problem, now, attempts=MOST_FAILURES - 1)
        return Flushed()
    remember_problem(group, problem)
    return Flushed(failed=problem)


def _give_up(group: Group, problem: str, now: datetime, *, attempts: int) -> None:
    """Find the batch at fault by halving the group; one that is alone is it."""
    if len(group.batches) > 1:
        split(group, attempts=attempts)
    else:
        set_apart(group, {group.batches[0].pk: problem})
        tell_of_dead_letters(group.source, now=now)
