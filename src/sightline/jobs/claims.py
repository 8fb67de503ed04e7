"""Claiming a duty, so that of several workers one does it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

from sightline.jobs.models import DutyState

LEASE = timedelta(seconds=90)
MOST_DELAY = timedelta(hours=1)
FIRST_DELAY = timedelta(seconds=30)


def claim(*, name: str, worker: str, now: datetime) -> bool:
    """Return whether the duty is due and now this worker's."""
    DutyState.objects.get_or_create(name=name, defaults={"due_at": now})
    is_free = Q(lease_until=None) | Q(lease_until__lte=now)
    return bool(
        DutyState.objects.filter(is_free, name=name, due_at__lte=now).update(
            lease_until=now + LEASE, claimed_by=worker, started_at=now
        )
    )


def extend(*, name: str, worker: str, now: datetime) -> bool:
    """Hold a claim longer; False when it was lost to another worker."""
    return bool(DutyState.objects.filter(name=name, claimed_by=worker).update(lease_until=now + LEASE))


def finish(*, name: str, worker: str, now: datetime, every: timedelta, outcome: str) -> None:
    """Give the duty back, due again after its interval."""
    DutyState.objects.filter(name=name, claimed_by=worker).update(
        due_at=now + every, lease_until=None, claimed_by="", finished_at=now, outcome=outcome[:2000], failures=0
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
