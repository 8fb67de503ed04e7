"""When events are to be stored, and starting the process that does it. Loads nothing heavy: asked every second."""

from __future__ import annotations

from datetime import datetime, timedelta

from sightline.ingest.events.groups import forget_stored
from sightline.ingest.models import InboxBatch
from sightline.jobs.own_process import STOPPING, DutyFailed, in_own_process

KEYS_KEPT = timedelta(days=7)
FIRST_PAUSE_SECONDS = 0.5
MOST_DEATHS = 5
LOOKED_AT = 5_000
"""So many requests, newest first: more than a group has."""

_deaths_in_a_row = 0


def has_events(_now: datetime) -> bool:
    """Return whether events wait, or were left by a process that was killed."""
    open_states = (InboxBatch.State.WAITING, InboxBatch.State.TAKEN)
    return InboxBatch.objects.filter(state__in=open_states, source__is_paused=False).order_by().exists()


def store_in_own_process(now: datetime) -> str:
    """Return what was stored. A process that dies is started again at once: events are promised within seconds.

    Only when that happens several times in a row, and nothing is stored in between, does the duty fail, and waits as
    others do.
    """
    global _deaths_in_a_row
    try:
        outcome = in_own_process("inbox")(now)
    except DutyFailed:
        _deaths_in_a_row = 1 if _has_stored(since=now) else _deaths_in_a_row + 1
        if STOPPING.is_set():
            return ""
        if _deaths_in_a_row >= MOST_DEATHS:
            raise
        STOPPING.wait(FIRST_PAUSE_SECONDS * 2 ** (_deaths_in_a_row - 1))
        return "its process died; started again"
    _deaths_in_a_row = 0
    return outcome


def _has_stored(*, since: datetime) -> bool:
    """Return whether events were stored: then it is one source whose events bring the process down, not all."""
    newest = InboxBatch.objects.filter(state=InboxBatch.State.DONE).order_by("-pk").values_list("done_at", flat=True)
    return any(at is not None and at >= since for at in newest[:LOOKED_AT])


def forget_events(now: datetime) -> str:
    """Delete the keys of events that were stored long ago."""
    number = forget_stored(before=now - KEYS_KEPT)
    return f"forgot {number:,} stored requests" if number else ""
