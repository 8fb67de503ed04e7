"""The worker process: does each duty when it is due. Those with a process of their own run beside one another."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import close_old_connections, connections

from sightline.ingest.processes import process_here
from sightline.jobs.claims import claim, extend, fail, finish, give_back
from sightline.jobs.duties import DUTIES, Duty
from sightline.jobs.models import WorkerSeen
from sightline.jobs.own_process import STOPPING, DutyStopped

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 20.0
SEEN_EVERY = timedelta(minutes=1)


def run_once(*, worker: str, clock: Callable[[], datetime]) -> list[str]:
    """Do every duty that is due, one after the other; return the names of those that had something to do."""
    return [name for name, duty in DUTIES.items() if duty.has_work(clock()) and do(name, duty, worker, clock)]


class Beside:
    """The duties that run beside one another, a thread each: it waits for the duty's own process."""

    def __init__(self, *, worker: str, clock: Callable[[], datetime]) -> None:
        self._worker, self._clock = worker, clock
        self._running: dict[str, threading.Thread] = {}

    def start(self, name: str, duty: Duty) -> bool:
        """Return whether the duty was started: not while it runs."""
        known = self._running.get(name)
        if known is not None and known.is_alive():
            return False
        self._running[name] = threading.Thread(target=self._do, args=(name, duty), name=f"duty {name}")
        self._running[name].start()
        return True

    def wait(self) -> None:
        """Wait until none runs any more."""
        for thread in self._running.values():
            thread.join()

    def _do(self, name: str, duty: Duty) -> None:
        try:
            do(name, duty, self._worker, self._clock)
        finally:
            connections.close_all()


def do(name: str, duty: Duty, worker: str, clock: Callable[[], datetime]) -> bool:
    """Return whether the duty was claimed, and so done or tried."""
    if not claim(name=name, worker=worker, now=clock()):
        return False
    done = threading.Event()
    beat = threading.Thread(target=_hold, args=(name, worker, clock, done), daemon=True)
    beat.start()
    try:
        outcome = duty.run(clock())
    except DutyStopped as stop:
        log.info("%s", stop)
        give_back(name=name, worker=worker, now=clock(), outcome=str(stop))
    except Exception as error:
        log.exception("duty %s failed", name)
        fail(name=name, worker=worker, now=clock(), outcome=f"failed: {error}")
    else:
        finish(name=name, worker=worker, now=clock(), every=duty.every, outcome=outcome)
        if outcome:
            log.info("%s: %s", name, outcome)
    finally:
        done.set()
        beat.join()
    return True


def _hold(name: str, worker: str, clock: Callable[[], datetime], done: threading.Event) -> None:
    """Extend the claim while the duty runs; a worker that is killed stops doing so, and another takes over."""
    while not done.wait(HEARTBEAT_SECONDS):
        extend(name=name, worker=worker, now=clock())
    connections.close_all()


def run_forever() -> None:
    """Work until asked to stop (SIGTERM, SIGINT), or the parent is gone."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: STOPPING.set())
    worker, parent, seen = process_here(), os.getppid(), datetime.min.replace(tzinfo=UTC)
    beside = Beside(worker=worker, clock=_clock)
    while not STOPPING.is_set():
        if os.getppid() != parent:
            STOPPING.set()  # what runs in processes of its own ends too
            break
        close_old_connections()
        now = _clock()
        if now - seen >= SEEN_EVERY:
            WorkerSeen.objects.update_or_create(name="worker", defaults={"at": now})
            seen = now
        _turn(worker, beside)
        STOPPING.wait(POLL_SECONDS)
    beside.wait()


def _turn(worker: str, beside: Beside) -> None:
    """Start or do whatever is due now."""
    for name, duty in DUTIES.items():
        if not duty.has_work(_clock()):
            continue
        if duty.is_apart:
            beside.start(name, duty)
        else:
            do(name, duty, worker, _clock)


def _clock() -> datetime:
    return datetime.now(UTC)
