"""Storing events while they arrive, in a process that stays for a while: starting one takes too long for each."""

from __future__ import annotations

import logging
import signal
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import DatabaseError, close_old_connections

from sightline.accounts.access import current_home
from sightline.ingest.events.flush import Flushed, flush_source
from sightline.ingest.events.groups import sources_with_events
from sightline.ingest.models import Source
from sightline.lake.maintain import compact

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2
LINGER_SECONDS = 60.0
PAUSE_SECONDS = 0.3
"""Between two groups of a source. Each makes a file and a version: fewer, larger ones keep reading quick."""
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 300.0
COMMITS_UNTIL_COMPACT = 40
"""So many small files are joined. With a hundred of them storing took half as long again (docs/webhooks.md)."""


@dataclass
class _Progress:
    """What the process did, when a source may be tried again, and how many small files a dataset got."""

    batches: int = 0
    records: int = 0
    not_before: dict[int, float] = field(default_factory=dict)
    failures: dict[int, int] = field(default_factory=dict)
    commits: dict[tuple[str, str], int] = field(default_factory=dict)


def store_events(now: datetime) -> str:  # noqa: ARG001 - the signature of duties; this one goes on for long
    """Store events until none has come for a minute, or the process is asked to end; return what was done."""
    asked_to_end = threading.Event()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: asked_to_end.set())
    return run_until_idle(asked_to_end, linger=LINGER_SECONDS)


def run_until_idle(asked_to_end: threading.Event, *, linger: float) -> str:
    """Store events until none has come for `linger` seconds after the last; when none waits, return at once."""
    progress, last = _Progress(), float("-inf")
    while not asked_to_end.is_set():
        close_old_connections()
        waiting = sources_with_events()
        if waiting:
            last = time.monotonic()
        elif time.monotonic() - last >= linger:
            break
        if not [source for source in waiting if _store_next(source, progress)]:
            _compact_one(progress)
            asked_to_end.wait(POLL_SECONDS)
    return f"stored {progress.records:,} records of {progress.batches:,} requests" if progress.batches else ""


def _store_next(source: Source, progress: _Progress) -> bool:
    """Store a group of a source; False when it is not its turn yet."""
    if time.monotonic() < progress.not_before.get(source.pk, 0):
        return False
    try:
        flushed = flush_source(source, now=datetime.now(UTC)) or Flushed()
    except DatabaseError as error:
        log.warning("events of %s: %s", source, error)
        flushed = Flushed(failed=str(error))
    progress.batches += flushed.batches
    progress.records += flushed.records
    for dataset in flushed.datasets:
        key = (source.workspace, dataset)
        progress.commits[key] = progress.commits.get(key, 0) + 1
    progress.failures[source.pk] = progress.failures.get(source.pk, 0) + 1 if flushed.failed else 0
    if flushed.failed:
        log.warning("events of %s wait: %s", source, flushed.failed)
    progress.not_before[source.pk] = time.monotonic() + _pause(progress.failures[source.pk], flushed)
    if any(number >= COMMITS_UNTIL_COMPACT for number in progress.commits.values()):
        _compact_one(progress)
    return True


def _pause(failures: int, flushed: Flushed) -> float:
    """Return the seconds until a source's next group: longer with every failure in a row."""
    if failures:
        return min(FIRST_WAIT_SECONDS * 2.0 ** (failures - 1), LONGEST_WAIT_SECONDS)
    return PAUSE_SECONDS if flushed.batches else 0.0


def _compact_one(progress: _Progress) -> None:
    """Join the small files of the dataset that got most, when it got many."""
    key = max(progress.commits, key=lambda each: progress.commits[each], default=None)
    if key is None or progress.commits[key] < COMMITS_UNTIL_COMPACT:
        return
    progress.commits[key] = 0
    workspace, name = key
    folder = current_home().workspace(workspace)
    dataset = folder.catalog.datasets.get(name)
    try:
        if dataset is not None:
            compact(folder.lake, dataset, now=datetime.now(UTC))
    except Exception:  # events are stored all the same; the next round tries again
        log.exception("small files of %s/%s were not joined", workspace, name)
