"""What the worker does, in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session

from sightline.accounts.lockout import forget_old_attempts
from sightline.ingest.models import ImportRun
from sightline.ingest.sync.claims import has_syncs
from sightline.jobs.events import forget_events, has_events, store_in_own_process
from sightline.jobs.models import DutyState
from sightline.jobs.own_process import in_own_process
from sightline.registry import Registry


@dataclass(frozen=True)
class Duty:
    """Something to do now and then. `run` returns one line for the log, empty when there was nothing to do.

    Running it again, or by two workers at once, must do no harm. `finds_work` is asked before the duty is claimed. One
    that `is_apart` has a process of its own and runs beside the others, which would else wait for it.
    """

    name: str
    every: timedelta
    run: Callable[[datetime], str]
    finds_work: Callable[[datetime], bool] | None = None
    is_apart: bool = False

    def has_work(self, now: datetime) -> bool:
        """Return whether it is worth claiming: cheap, asked every second."""
        if self.finds_work is not None:
            return self.finds_work(now)
        state = DutyState.objects.filter(name=self.name).first()
        return state is None or state.due_at <= now


def forget_sessions(now: datetime) -> str:
    """Delete sessions that have ended."""
    ended, _ = Session.objects.filter(expire_date__lt=now).delete()
    return f"deleted {ended} ended sessions" if ended else ""


def forget_attempts(now: datetime) -> str:
    """Delete old tries to sign in."""
    number = forget_old_attempts(now=now)
    return f"deleted {number} old tries to sign in" if number else ""


def has_imports(_now: datetime) -> bool:
    """Return whether uploads wait, or were left running by a process that was killed."""
    open_states = (ImportRun.State.QUEUED, ImportRun.State.RUNNING)
    return ImportRun.objects.filter(state__in=open_states).exclude(path="").exists()


def _apart(name: str, every: timedelta, finds_work: Callable[[datetime], bool] | None = None) -> Duty:
    return Duty(name, every, in_own_process(name), finds_work, is_apart=True)


_DUTIES = (
    _apart("imports", timedelta(0), has_imports),
    _apart("syncs", timedelta(0), has_syncs),
    Duty("inbox", timedelta(0), store_in_own_process, has_events, is_apart=True),
    Duty("forget_events", timedelta(hours=6), forget_events),
    Duty("forget_sessions", timedelta(hours=6), forget_sessions),
    _apart("watch_data", timedelta(minutes=15)),
    _apart("maintain_lakes", timedelta(hours=6)),
    Duty("forget_attempts", timedelta(hours=24), forget_attempts),
)
DUTIES: Registry[Duty] = Registry("duty", {duty.name: duty for duty in _DUTIES})
