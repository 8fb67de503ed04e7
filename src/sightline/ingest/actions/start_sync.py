"""Reading a source now, stopping that, and pausing its schedule."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from sightline.accounts import audit
from sightline.accounts.access import Access
from sightline.ingest.connections import source_named, spec_of
from sightline.ingest.models import SyncRun
from sightline.ingest.spec import connector_of
from sightline.ingest.sync.claims import State
from sightline.ingest.sync.schedule import left_behind, next_run, queue_run


def start_sync(
    *, access: Access, name: str, now: datetime, since: datetime | None = None, until: datetime | None = None
) -> SyncRun:
    """Return the run that waits for a worker. `since` asks for a backfill. Raises SyncRuns when one is open.

    Whoever may import data may read a source that others set up.
    """
    if not access.allows("import_data"):
        access.require("manage_sources")
    source = source_named(access.workspace, name)
    connector_of(spec_of(source))  # one that sends to us cannot be read
    left = left_behind(source, now=now)
    if left is not None and (left.since, left.until) == (since, until or left.until):
        return left  # it was interrupted: it goes on where it stopped
    trigger = SyncRun.Trigger.BACKFILL if since else SyncRun.Trigger.PERSON
    return queue_run(source, trigger=trigger, by=access.actor, now=now, since=since, until=until)


def stop_sync(*, access: Access, name: str, now: datetime) -> bool:
    """Return whether a run was asked to stop. A waiting one ends at once, a running one after the page it is at."""
    access.require("manage_sources")
    source = source_named(access.workspace, name)
    waiting = SyncRun.objects.filter(source=source, state=State.QUEUED)
    ended = waiting.update(state=State.FAILED, problem=f"It was stopped by {access.actor}.", finished_at=now)
    asked = SyncRun.objects.filter(source=source, state=State.RUNNING).update(stop=True)
    if ended or asked:
        audit.record(
            workspace=access.workspace, actor=access.actor, verb="stopped a sync", object=name, detail={}, now=now
        )
    return bool(ended or asked)


def pause_source(*, access: Access, name: str, paused: bool, now: datetime) -> None:
    """Let the schedule rest, or go on from its next time."""
    access.require("manage_sources")
    source = source_named(access.workspace, name)
    if source.is_paused == paused:
        return
    with transaction.atomic():
        source.is_paused = paused
        source.next_run_at = next_run(spec_of(source), zone=access.folder.catalog.settings.zone, now=now)
        source.save(update_fields=["is_paused", "next_run_at"])
        verb = "paused a source" if paused else "resumed a source"
        audit.record(workspace=access.workspace, actor=access.actor, verb=verb, object=name, detail={}, now=now)
