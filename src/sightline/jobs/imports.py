"""Carrying out queued imports.

Only one worker at a time holds the duty, so an upload found running when it begins was left by a process that was
killed: it is queued again once, and given up when that happens twice (a file that brings the process down must not do
so for ever).
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from sightline.accounts.access import current_home
from sightline.errors import SightlineError
from sightline.ingest.actions.upload import run_queued
from sightline.ingest.models import ImportRun

log = logging.getLogger(__name__)

INTERRUPTED = "It was interrupted and is run again."
GIVEN_UP = "It was interrupted twice. The server's log may tell why; a smaller file may help."


def run_waiting(now: datetime) -> str:
    """Carry out every import that waits, oldest first; return what was done in one line."""
    recover_interrupted(now=now)
    done = []
    while run := ImportRun.objects.filter(state=ImportRun.State.QUEUED).order_by("queued_at", "pk").first():
        done.append(_carry_out(run))
    return "; ".join(done)


def recover_interrupted(*, now: datetime) -> None:
    """Queue uploads again that a killed process left behind."""
    left = ImportRun.objects.filter(state=ImportRun.State.RUNNING).exclude(path="")
    for run in left:
        if run.problem == INTERRUPTED or not Path(run.path).is_file():
            run.state, run.problem, run.finished_at = ImportRun.State.FAILED, GIVEN_UP, now
        else:
            run.state, run.problem = ImportRun.State.QUEUED, INTERRUPTED
        run.save(update_fields=["state", "problem", "finished_at"])


def _carry_out(run: ImportRun) -> str:
    said = f"{run.file_name} into {run.workspace}.{run.dataset}"
    try:
        folder = current_home().workspace(run.workspace)
        result = run_queued(run=run.pk, folder=folder, now=datetime.now(UTC))
    except SightlineError as error:
        _give_up(run, str(error))
        return f"{said}: {error}"
    except Exception:
        log.exception("import %s failed", said)
        _give_up(run, "An error on our side; see the server's log.")
        return f"{said}: failed"
    return f"{said}: {result.accepted:,} rows accepted, {result.rejected:,} rejected" if result else ""


def _give_up(run: ImportRun, problem: str) -> None:
    """Mark an import failed that did not get as far as doing so itself: otherwise it would wait for ever."""
    unfinished = ImportRun.objects.filter(pk=run.pk).exclude(state__in=(ImportRun.State.DONE, ImportRun.State.FAILED))
    unfinished.update(state=ImportRun.State.FAILED, problem=problem, finished_at=datetime.now(UTC))
