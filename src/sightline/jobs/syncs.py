"""Reading sources: what is due is queued, what waits is carried out, a few sources at a time."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime

from django.db import connections

from sightline.accounts.access import current_home
from sightline.ingest.models import SyncRun
from sightline.ingest.processes import process_here
from sightline.ingest.sync.claims import free_runs_of_the_dead
from sightline.ingest.sync.run import carry_out
from sightline.ingest.sync.schedule import queue_due, waiting_runs

AT_ONCE = 2
POLL_SECONDS = 1.0

log = logging.getLogger(__name__)


def run_syncs(now: datetime) -> str:  # noqa: ARG001 - a duty's signature; a sync takes long, so it reads the clock
    """Carry out every run that waits or becomes due while others run; return what was done in one line."""
    said: list[str] = []
    running: dict[int, Future[str]] = {}
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sync") as pool:
        while True:
            _queue_due()
            free_runs_of_the_dead(_clock())
            for run in waiting_runs(_clock()):
                if run.pk not in running:
                    running[run.pk] = pool.submit(_one, run)
            if not running:
                return "; ".join(said)
            wait(running.values(), timeout=POLL_SECONDS, return_when="FIRST_COMPLETED")
            for pk in [pk for pk, future in running.items() if future.done()]:
                said.append(running.pop(pk).result())


def _queue_due() -> None:
    home = current_home()
    zones = {name: home.workspace(name).catalog.settings.zone for name in home.workspaces()}
    queue_due(zones=zones, now=_clock())


def _one(run: SyncRun) -> str:
    source = run.source
    try:
        folder = current_home().workspace(source.workspace)
        worker = process_here(threading.get_ident())
        done = carry_out(run.pk, folder=folder, worker=worker, clock=_clock)
    except Exception:
        log.exception("sync of %s", source)
        SyncRun.objects.filter(pk=run.pk).update(
            state=SyncRun.State.FAILED, problem="An error on our side; see the server's log.", finished_at=_clock()
        )
        return f"{source}: failed"
    finally:
        connections.close_all()
    if done is None:
        return f"{source}: taken by another worker"
    return f"{source}: {done.state}, {done.accepted:,} records accepted, {done.rejected:,} rejected"


def _clock() -> datetime:
    return datetime.now(UTC)
