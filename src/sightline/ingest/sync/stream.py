"""Reading one stream: each chunk is stored, then its cursor is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sightline.errors import InternalError
from sightline.home import WorkspaceFolder
from sightline.ingest.models import Source
from sightline.ingest.records import store_records
from sightline.ingest.spec import SourceSpec
from sightline.ingest.sync.chunks import Chunk, chunks_of, days_of, latest_of_each, run_id
from sightline.ingest.sync.following import follow_deletes, follow_merges
from sightline.ingest.sync.outcome import StreamOutcome
from sightline.ingest.sync.plan import StreamPlan, Window
from sightline.ingest.sync.positions import move_backfill, move_cursor
from sightline.sources.base import ReadRequest
from sightline.sources.base import Source as OpenSource

Told = Callable[[StreamPlan, StreamOutcome], bool]
"""Told after each chunk how far a stream is; returns whether to stop."""


@dataclass(frozen=True)
class Target:
    """Where a source's records go, and the clock."""

    source: Source
    spec: SourceSpec
    folder: WorkspaceFolder
    clock: Callable[[], datetime]


def read_stream(connection: OpenSource, plan: StreamPlan, target: Target, outcome: StreamOutcome, told: Told) -> None:
    """Read a stream to its end, adding to the outcome. What was stored before an error stays, with its cursor."""
    for number, window in enumerate(plan.windows):
        request = ReadRequest(plan.stream, plan.columns, window.cursor, window.since, window.until)
        for chunk in chunks_of(connection.read(request), now=target.clock):
            _store(chunk, plan, target, outcome)
            _move(chunk, plan, window, target)
            if told(plan, outcome):
                outcome.stopped = True
                return
        if plan.is_backfill:
            _finish_window(plan, number, target)


def _store(chunk: Chunk, plan: StreamPlan, target: Target, outcome: StreamOutcome) -> None:
    now = target.clock()
    records = latest_of_each(chunk.records, plan.stream.key)
    run = run_id(target.source.name, plan.stream.name, records)
    if records:
        written = store_records(
            folder=target.folder, dataset=plan.dataset, records=records, mapping=plan.mapping, run=run, now=now
        )
        outcome.add(written)
        outcome.days |= days_of(records, plan.stream.created)
    outcome.reassigned += follow_merges(target.folder, target.spec, plan, chunk.merged, run=run, now=now)
    outcome.removed += follow_deletes(target.folder, target.spec, plan, chunk.deleted, run=run, now=now)


def _move(chunk: Chunk, plan: StreamPlan, window: Window, target: Target) -> None:
    """Keep the cursor: only now, as everything before it is in the lake."""
    if plan.is_backfill:
        _keep_backfill(plan, window, target, chunk.cursor)
    elif chunk.cursor is not None:
        move_cursor(target.source, plan.stream.name, chunk.cursor, now=target.clock())


def _finish_window(plan: StreamPlan, number: int, target: Target) -> None:
    if number + 1 < len(plan.windows):
        _keep_backfill(plan, plan.windows[number + 1], target, None)
    else:
        move_backfill(target.source, plan.stream.name, None, now=target.clock())


def _keep_backfill(plan: StreamPlan, window: Window, target: Target, cursor: object) -> None:
    first, last = plan.backfill_since, plan.windows[-1].until
    if first is None or last is None or window.since is None:
        raise InternalError("a backfill has both ends")
    begun = {"from": first.isoformat(), "since": window.since.isoformat(), "until": last.isoformat(), "cursor": cursor}
    move_backfill(target.source, plan.stream.name, begun, now=target.clock())
