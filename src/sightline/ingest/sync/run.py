"""Carrying out a sync run: plan, read each stream, compare counts, and record what came of it.

A run that was killed is claimed again when its lease has run out and goes on from the cursors that were kept. A stream
that fails does not keep the others from being read.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connections

from sightline.accounts import audit
from sightline.errors import SightlineError
from sightline.home import WorkspaceFolder
from sightline.ingest.connections import opened, spec_of
from sightline.ingest.models import Source, SyncRun
from sightline.ingest.spec import SourceSpec
from sightline.ingest.sync.absences import follow_absences
from sightline.ingest.sync.claims import LEASE, MOST_ATTEMPTS, State, claim_run, keep_lease
from sightline.ingest.sync.counting import compare_counts
from sightline.ingest.sync.events import record_events
from sightline.ingest.sync.outcome import StreamOutcome
from sightline.ingest.sync.plan import StreamPlan, SyncPlan, plan_sync
from sightline.ingest.sync.positions import positions_of, remember_columns
from sightline.ingest.sync.schedule import next_run
from sightline.ingest.sync.stream import Target, read_stream
from sightline.sources.base import Source as OpenSource

log = logging.getLogger(__name__)

OUR_FAULT = "An error on our side; see the server's log."
INTERRUPTED = "It was interrupted too often. The server's log may tell why."

Watcher = Callable[[str, Mapping[str, StreamOutcome]], None]
"""Told what is being done and how far each stream is."""


@dataclass
class _Carrying:
    """One run while it is carried out."""

    run: SyncRun
    target: Target
    worker: str
    watch: Watcher
    streams: dict[str, StreamOutcome] = field(default_factory=dict)
    is_lost: threading.Event = field(default_factory=threading.Event)

    @property
    def now(self) -> datetime:
        return self.target.clock()

    def tell(self, doing: str) -> None:
        """Write down how far the run is, for those who follow it."""
        totals = _totals(self.streams)
        SyncRun.objects.filter(pk=self.run.pk).update(
            doing=doing[:200], **totals, streams={name: each.as_dict() for name, each in self.streams.items()}
        )
        self.watch(doing, self.streams)


def carry_out(
    run: int, *, folder: WorkspaceFolder, worker: str, clock: Callable[[], datetime], watch: Watcher | None = None
) -> SyncRun | None:
    """Carry out a run and return it; None when somebody else does or did. Failures are told by the run."""
    claimed = claim_run(run, worker=worker, now=clock())
    if claimed is None:
        return None
    source = claimed.source
    if claimed.attempts > MOST_ATTEMPTS:
        return _finish(claimed, folder, {}, problem=INTERRUPTED, now=clock())
    target = Target(source, spec_of(source), folder, clock)
    carrying = _Carrying(claimed, target, worker, watch or _ignore)
    problem = ""
    with _lease(carrying):
        try:
            _read_all(carrying)
        except SightlineError as error:
            problem = str(error)
        except Exception:
            log.exception("sync of %s failed", source)
            problem = OUR_FAULT
    if carrying.is_lost.is_set() and not SyncRun.objects.filter(pk=claimed.pk, claimed_by=worker).exists():
        return None  # another worker has it now and will finish it
    return _finish(claimed, folder, carrying.streams, problem=problem, now=clock())


def _ignore(_: str, __: Mapping[str, StreamOutcome]) -> None:
    """Nobody watches."""


def _read_all(carrying: _Carrying) -> None:
    target, run = carrying.target, carrying.run
    carrying.tell("connecting")
    with opened(target.source, target.folder, clock=target.clock) as connection:
        plan = planned(connection, target, since=run.since, until=run.until)
        for name, problem in plan.problems.items():
            carrying.streams[name] = StreamOutcome(target.spec.streams[name].dataset, problem=problem)
        for stream in plan.streams:
            if carrying.is_lost.is_set():
                return
            _read_one(connection, stream, carrying)


def planned(connection: OpenSource, target: Target, *, since: datetime | None, until: datetime | None) -> SyncPlan:
    """Return the plan of reading a source that is open."""
    return plan_sync(
        target.spec,
        catalog=target.folder.catalog,
        available=connection.streams(),
        positions=positions_of(target.source),
        since=since,
        until=until,
        now=target.clock(),
    )


def _read_one(connection: OpenSource, plan: StreamPlan, carrying: _Carrying) -> None:
    name = plan.stream.name
    outcome = carrying.streams[name] = StreamOutcome(plan.dataset.name, drift=plan.drift.told())
    carrying.tell(f"reading {name}")

    def told(_: StreamPlan, __: StreamOutcome) -> bool:
        carrying.tell(f"reading {name}, {outcome.received:,} records")
        return carrying.is_lost.is_set()

    try:
        read_stream(connection, plan, carrying.target, outcome, told)
        remember_columns(carrying.target.source, name, plan.remembered, now=carrying.now)
        if not outcome.stopped:
            _remove_absent(connection, plan, carrying, outcome)
            _compare(connection, plan, carrying, outcome)
    except SightlineError as error:
        outcome.problem, outcome.may_pass = str(error), not error.permanent
    except Exception:
        log.exception("stream %s of %s failed", name, carrying.target.source)
        outcome.problem = OUR_FAULT


def _remove_absent(connection: OpenSource, plan: StreamPlan, carrying: _Carrying, outcome: StreamOutcome) -> None:
    if plan.spec.deletes == "compare":
        carrying.tell(f"comparing keys of {plan.stream.name}")
        run = f"sync-run-{carrying.run.pk}"
        outcome.removed += follow_absences(connection, plan, carrying.target, run=run, now=carrying.now)


def _compare(connection: OpenSource, plan: StreamPlan, carrying: _Carrying, outcome: StreamOutcome) -> None:
    carrying.tell(f"comparing counts of {plan.stream.name}")
    found = compare_counts(
        connection,
        plan,
        source=carrying.target.source,
        folder=carrying.target.folder,
        days=outcome.days,
        now=carrying.now,
        run=f"sync-run-{carrying.run.pk}",
    )
    outcome.compared_days = found.days
    outcome.differing = [{**vars(each), "day": each.day.isoformat(), "told": each.told()} for each in found.differing]


@contextmanager
def _lease(carrying: _Carrying) -> Iterator[None]:
    """Hold the run while the block works, and notice when it was asked to stop or was lost."""
    done = threading.Event()

    def hold() -> None:
        while not done.wait(LEASE.total_seconds() / 20):
            if not keep_lease(carrying.run.pk, worker=carrying.worker, now=carrying.now):
                carrying.is_lost.set()
        connections.close_all()

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _finish(
    run: SyncRun, folder: WorkspaceFolder, streams: Mapping[str, StreamOutcome], *, problem: str, now: datetime
) -> SyncRun:
    source: Source = run.source
    failed = [f"{name}: {each.problem}" for name, each in streams.items() if each.problem]
    stopped = any(each.stopped for each in streams.values())
    if stopped and not failed:
        problem = problem or "It was stopped; the next sync goes on from there."
    run.state = _state(problem=bool(problem), failed=len(failed), streams=len(streams))
    run.problem = "\n".join([*([problem] if problem else []), *failed])
    for name, value in _totals(streams).items():
        setattr(run, name, value)
    run.streams = {name: each.as_dict() for name, each in streams.items()}
    run.snapshot = max((each.snapshot for each in streams.values() if each.snapshot), default=None)
    run.finished_at, run.lease_until, run.doing = now, None, ""
    run.save()
    Source.objects.filter(pk=source.pk).update(next_run_at=_next(source, folder, now))
    record_events(run, streams, now=now)
    audit.record(
        workspace=source.workspace,
        actor=run.by,
        verb="synced" if run.state == State.DONE else "sync failed",
        object=source.name,
        detail={"run": run.pk, "state": run.state, **_totals(streams), "problem": run.problem[:500]},
        now=now,
    )
    return run


def _state(*, problem: bool, failed: int, streams: int) -> str:
    if not problem and not failed:
        return str(State.DONE)
    return str(State.PARTIAL if streams > failed else State.FAILED)


def _next(source: Source, folder: WorkspaceFolder, now: datetime) -> datetime | None:
    fresh: SourceSpec = spec_of(Source.objects.get(pk=source.pk))  # it may have been changed meanwhile
    return next_run(fresh, zone=folder.catalog.settings.zone, now=now)


def _totals(streams: Mapping[str, StreamOutcome]) -> dict[str, Any]:
    return {
        name: sum(getattr(each, name) for each in streams.values()) for name in ("received", "accepted", "rejected")
    }
