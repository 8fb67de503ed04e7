"""Which process carries a run out: one at a time, known by a lease that it has to renew."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

from sightline.ingest.models import Source, SyncRun
from sightline.ingest.processes import is_gone

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 5
State = SyncRun.State


def claimable(now: datetime) -> Q:
    """Return the condition that nobody carries a run out: it waits, or whoever did was killed."""
    return Q(state=State.QUEUED) | Q(state=State.RUNNING, lease_until__lte=now)


def has_syncs(now: datetime) -> bool:
    """Return whether a run waits, was left by a killed worker, or is due.

    The worker asks every second, and stays small: nothing here reads specifications or knows connectors.
    """
    if SyncRun.objects.filter(claimable(now)).exists() or free_runs_of_the_dead(now):
        return True
    return Source.objects.filter(next_run_at__lte=now, is_paused=False).exists()


def free_runs_of_the_dead(now: datetime) -> int:
    """Return how many runs were freed whose process is known to be gone: nobody has to wait for their lease."""
    freed = 0
    for run in SyncRun.objects.filter(state=State.RUNNING, lease_until__gt=now):
        if is_gone(run.claimed_by):
            mine = SyncRun.objects.filter(pk=run.pk, claimed_by=run.claimed_by, state=State.RUNNING)
            freed += mine.update(lease_until=now)
    return freed


def claim_run(run: int, *, worker: str, now: datetime) -> SyncRun | None:
    """Return the run, now this worker's; None when somebody else has it or it is over."""
    free = SyncRun.objects.filter(claimable(now), pk=run)
    taken = free.update(
        state=State.RUNNING, claimed_by=worker, lease_until=now + LEASE, attempts=F("attempts") + 1, started_at=now
    )
    return SyncRun.objects.select_related("source").get(pk=run) if taken else None


def keep_lease(run: int, *, worker: str, now: datetime) -> bool:
    """Return whether to go on: the run is still ours and nobody asked it to stop."""
    mine = SyncRun.objects.filter(pk=run, claimed_by=worker, state=State.RUNNING)
    return bool(mine.update(lease_until=now + LEASE)) and not mine.filter(stop=True).exists()
