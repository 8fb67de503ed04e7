"""Duties that load much (the lake, the engine) run in a process of their own, which gives the memory back when it ends.

The worker itself stays small, and a duty that is killed takes nothing else with it.
"""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from sightline.errors import InternalError
from sightline.registry import Registry

STOPPING = threading.Event()
"""Set when the worker is asked to end: a running duty is ended too, and run again later."""

HEAVY: Registry[str] = Registry(
    "heavy duty",
    {
        "imports": "sightline.jobs.imports:run_waiting",
        "syncs": "sightline.jobs.syncs:run_syncs",
        "inbox": "sightline.jobs.inbox:store_events",
        "watch_data": "sightline.jobs.watching:watch_all",
        "maintain_lakes": "sightline.jobs.lakes:maintain_all",
    },
)
"""Where the function of each heavy duty is: named, not imported, so that the worker does not load it."""

POLL_SECONDS = 0.2
STARTED_BY = "STARTED_BY_SIGHTLINE"  # not SIGHTLINE_…: those are options
STOP_SECONDS = 10.0
ORDER_SECONDS = 1.0
"""Who stops a whole group of processes may reach the duty's a moment before the worker."""


class DutyFailed(InternalError):
    """The process of a duty ended without finishing it."""

    code = "SL-E070"


class DutyStopped(Exception):
    """The process of a duty was ended because the worker is asked to stop. It is run again at the next start."""


def in_own_process(name: str) -> Callable[[datetime], str]:
    """Return a function that runs the heavy duty as `sightline run-duty NAME` and returns its outcome."""

    def run(now: datetime) -> str:
        command = [sys.executable, "-m", "sightline.cli.main", "run-duty", name, "--now", now.isoformat()]
        environment = {**os.environ, "SIGHTLINE_HOME": str(settings.SIGHTLINE_HOME), STARTED_BY: str(os.getpid())}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)  # noqa: S603 - our own
        ended = threading.Event()
        stopper = threading.Thread(target=_end_when_stopping, args=(process, ended), daemon=True)
        stopper.start()
        outcome, _ = process.communicate()
        ended.set()
        stopper.join()
        if process.returncode and _was_ordered(process.returncode):
            raise DutyStopped(f"{name} was stopped with the server; it is run again when that is started")
        if process.returncode:
            raise DutyFailed(
                f"{name} ended with {process.returncode}", hint="It is run again; the log above tells why."
            )
        return outcome.strip()

    return run


def _was_ordered(code: int) -> bool:
    """Return whether a process was ended by a signal because everything here is asked to stop."""
    if code in (-signal.SIGTERM, -signal.SIGINT):
        return STOPPING.wait(ORDER_SECONDS)
    return code < 0 and STOPPING.is_set()


def _end_when_stopping(process: subprocess.Popen[str], ended: threading.Event) -> None:
    while not ended.wait(POLL_SECONDS):
        if STOPPING.is_set():
            process.terminate()
            if not ended.wait(STOP_SECONDS):
                process.kill()
            return


def run_heavy(name: str, *, now: datetime) -> str:
    """Run a heavy duty in this process and return its outcome."""
    module, _, function = HEAVY[name].partition(":")
    outcome: str = getattr(importlib.import_module(module), function)(now)
    return outcome


def end_with_parent() -> None:
    """End this process when the one that started it is gone, so that a killed worker leaves nothing running."""
    # as told: the one we find may already be who takes in orphans, when ours was killed while we were starting
    parent = int(os.environ.get(STARTED_BY) or os.getppid())

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
