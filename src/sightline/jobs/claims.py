"""Claiming a duty, so that of several workers one does it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

from sightline.ingest.processes import is_gone
from sightline.jobs.models import DutyState

LEASE = timedelta(seconds=90)
MOST_DELAY = timedelta(hours=1)
FIRST_DELAY = timedelta(seconds=30)
GRACE = timedelta(seconds=2)
"""What a killed worker had started ends within a second (`own_process.end_with_parent`); then it is taken over."""


def claim(*, name: str, worker: str, now: datetime) -> bool:
    """Return whether the duty is due and now this worker's."""
    state, _ = DutyState.objects.get_or_create(name=name, defaults={"due_at": now})
    _end_lease_of_the_dead(state, now=now)
    is_free = Q(lease_until=None) | Q(lease_until__lte=now)
    return bool(
        DutyState.objects.filter(is_free, name=name, due_at__lte=now).update(
            lease_until=now + LEASE, claimed_by=worker, started_at=now
        )
    )


def _end_lease_of_the_dead(state: DutyState, *, now: datetime) -> None:
    """Cut the lease of a worker that is known to be gone, so that nobody waits for it to run out."""
    if state.lease_until is not None and state.lease_until > now + GRACE and is_gone(state.claimed_by):
        held = DutyState.objects.filter(name=state.name, claimed_by=state.claimed_by, lease_until=state.lease_until)
        held.update(lease_until=now + GRACE)


def extend(*, name: str, worker: str, now: datetime) -> bool:
    """Hold a claim longer; False when it was lost to another worker."""
    return bool(DutyState.objects.filter(name=name, claimed_by=worker).update(lease_until=now + LEASE))


def finish(*, name: str, worker: str, now: datetime, every: timedelta, outcome: str) -> None:
    """Give the duty back, due again after its interval."""
    DutyState.objects.filter(name=name, claimed_by=worker).update(
        due_at=now + every, lease_until=None, claimed_by="", finished_at=now, outcome=outcome[:2000], failures=0
    )


def give_back(*, name: str, worker: str, now: datetime, outcome: str) -> None:
    """Give the duty back unfinished, because the worker was asked to stop: it is due as it was, and did not fail."""
    DutyState.objects.filter(name=name, claimed_by=worker).update(
        lease_until=None, claimed_by="", finished_at=now, outcome=outcome
    )


def fail(*, name: str, worker: str, now: datetime, outcome: str) -> None:
    """Give the duty back after a failure, due again after a delay that doubles with each failure in a row."""
    mine = DutyState.objects.filter(name=name, claimed_by=worker)
    state = mine.first()
    if state is not None:
        delay = min(FIRST_DELAY * (1 << min(state.failures, 10)), MOST_DELAY)
        mine.update(
            due_at=now + delay,
            lease_until=None,
            claimed_by="",
            finished_at=now,
            outcome=outcome[:2000],
            failures=F("failures") + 1,
        )
