"""How the sources of a workspace stand: the state of each, its last runs, and what they brought."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from django.db.models import Max, Sum

from sightline.accounts.access import Access
from sightline.definitions.schema.base import label_of
from sightline.ingest.events_told import events_told
from sightline.ingest.held_counts import held_by_source
from sightline.ingest.models import DataEvent, InboxBatch, Source, SyncRun
from sightline.ingest.spec import PUSHED
from sightline.sources.catalogue import CONNECTORS

State = Literal["fresh", "live", "stale", "differs", "partial", "failed", "paused", "waiting"]
"""`waiting`: nothing has come yet. `differs`: counts differ from the source's."""

RECENT = 30
MONTH = timedelta(days=30)
OVER = (SyncRun.State.DONE, SyncRun.State.PARTIAL, SyncRun.State.FAILED)
ROUGH: Mapping[str, State] = {"dead_letter": "failed", "count_differs": "differs", "stale": "stale"}
"""What an open event makes of a source's state, the worst first."""


@dataclass(frozen=True)
class Outcome:
    """One run that is over: how it ended, when, what it read and held."""

    state: str
    at: datetime
    received: int
    rejected: int


@dataclass(frozen=True)
class SourceLine:
    """A source as lists show it. `held` is None when the viewer may not know; `last_at` is its last good news."""

    name: str
    label: str
    kind: str
    kind_label: str
    streams: int
    state: State
    is_open: bool
    is_pushed: bool
    cron: str
    zone: str
    last_at: datetime | None
    next_at: datetime | None
    today: int
    held: int | None
    recent: tuple[Outcome, ...]
    version: int


@dataclass(frozen=True)
class Totals:
    """Over all sources: rows stored today, and up to the same time a week ago; rows read and held in 30 days."""

    today: int
    week_ago: int
    received: int
    rejected: int
    received_before: int
    rejected_before: int


@dataclass(frozen=True)
class Overview:
    """The sources by label, their totals, and the open events about them, the newest first."""

    lines: tuple[SourceLine, ...]
    totals: Totals
    events: tuple[DataEvent, ...]


def require_may_see(access: Access) -> None:
    """Raise PermissionMissing unless sources are open to this viewer: to those who manage them or see what was held."""
    if not access.allows("see_quarantine"):
        access.require("manage_sources")


def overview(*, access: Access, now: datetime) -> Overview:
    """Return how the workspace's sources stand. Raises PermissionMissing."""
    require_may_see(access)
    sources = list(Source.objects.filter(workspace=access.workspace))
    zone = access.folder.catalog.settings.zone
    midnight = datetime.combine(now.astimezone(ZoneInfo(zone)).date(), time(), ZoneInfo(zone))
    events = open_events(access.workspace)
    held = held_by_source(access, sources)
    lines = [
        _line(each, events=[event for event in events if event.source == each.name], held=held, midnight=midnight)
        for each in sources
    ]
    ordered = sorted(lines, key=lambda line: line.label.casefold())
    return Overview(tuple(ordered), _totals(access.workspace, midnight, now), events)


def line_of(*, access: Access, source: Source, now: datetime) -> SourceLine:
    """Return how one source stands. Raises PermissionMissing."""
    require_may_see(access)
    zone = ZoneInfo(access.folder.catalog.settings.zone)
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    events = [event for event in open_events(access.workspace) if event.source == source.name]
    return _line(source, events=events, held=held_by_source(access, [source]), midnight=midnight)


def open_events(workspace: str) -> tuple[DataEvent, ...]:
    """Return what people should know about the sources of a workspace now."""
    return tuple(DataEvent.objects.filter(workspace=workspace, ended_at=None).exclude(source=""))


def events_about_datasets(access: Access) -> tuple[DataEvent, ...]:
    """Return what people should know now about datasets (stale, days with unusually many or few rows).

    It tells of all rows of a dataset, so only of those of which the viewer may see every row.
    """
    return tuple(events_told(access).filter(ended_at=None, source="").exclude(dataset=""))


def kind_label(kind: str) -> str:
    """Return what people call a kind of source."""
    if kind == PUSHED:
        return "Webhook"
    return CONNECTORS[kind].label if kind in CONNECTORS else kind


def _line(source: Source, *, events: Sequence[DataEvent], held: Mapping[str, int], midnight: datetime) -> SourceLine:
    runs = list(SyncRun.objects.filter(source=source, state__in=OVER)[:RECENT])
    is_pushed = source.kind == PUSHED
    schedule = source.spec.get("schedule") or {}
    return SourceLine(
        name=source.name,
        label=label_of(source.name, source.spec.get("label", "")),
        kind=source.kind,
        kind_label=kind_label(source.kind),
        streams=len(source.spec["streams"]),
        state=_state(source, runs, events),
        is_open=SyncRun.objects.filter(source=source).exclude(state__in=OVER).exists(),
        is_pushed=is_pushed,
        cron=schedule.get("cron", ""),
        zone=schedule.get("zone") or "",
        last_at=_last_event(source) if is_pushed else _last_success(source),
        next_at=None if source.is_paused else source.next_run_at,
        today=_stored_since(source, midnight),
        held=held.get(source.name),
        recent=tuple(
            Outcome(run.state, run.finished_at or run.queued_at, run.received, run.rejected) for run in reversed(runs)
        ),
        version=source.version,
    )


def _state(source: Source, runs: Sequence[SyncRun], events: Iterable[DataEvent]) -> State:
    if source.is_paused:
        return "paused"
    if runs and runs[0].state == SyncRun.State.FAILED:
        return "failed"
    kinds = {event.kind for event in events}
    rough = next((state for kind, state in ROUGH.items() if kind in kinds), None)
    if rough is not None:
        return rough
    if source.kind == PUSHED:
        return "live" if _last_event(source) else "waiting"
    if not runs:
        return "waiting"
    return "partial" if runs[0].state == SyncRun.State.PARTIAL else "fresh"


def _last_success(source: Source) -> datetime | None:
    done = SyncRun.objects.filter(source=source, state__in=(SyncRun.State.DONE, SyncRun.State.PARTIAL))
    last: datetime | None = done.aggregate(last=Max("finished_at"))["last"]
    return last


def _last_event(source: Source) -> datetime | None:
    last: datetime | None = InboxBatch.objects.filter(source=source).aggregate(last=Max("received_at"))["last"]
    return last


def _stored_since(source: Source, moment: datetime) -> int:
    if source.kind == PUSHED:
        stored = InboxBatch.objects.filter(source=source, state=InboxBatch.State.DONE, done_at__gte=moment)
        return int(stored.aggregate(number=Sum("records"))["number"] or 0)
    runs = SyncRun.objects.filter(source=source, finished_at__gte=moment)
    return int(runs.aggregate(number=Sum("accepted"))["number"] or 0)


def _totals(workspace: str, midnight: datetime, now: datetime) -> Totals:
    week = timedelta(days=7)
    received, rejected = _read(workspace, now - MONTH, now)
    received_before, rejected_before = _read(workspace, now - 2 * MONTH, now - MONTH)
    return Totals(
        today=_stored(workspace, midnight, now),
        week_ago=_stored(workspace, midnight - week, now - week),
        received=received,
        rejected=rejected,
        received_before=received_before,
        rejected_before=rejected_before,
    )


def _stored(workspace: str, since: datetime, until: datetime) -> int:
    runs = SyncRun.objects.filter(source__workspace=workspace, finished_at__gte=since, finished_at__lte=until)
    batches = InboxBatch.objects.filter(
        source__workspace=workspace, state=InboxBatch.State.DONE, done_at__gte=since, done_at__lte=until
    )
    read = runs.aggregate(number=Sum("accepted"))["number"] or 0
    return int(read + (batches.aggregate(number=Sum("records"))["number"] or 0))


def _read(workspace: str, since: datetime, until: datetime) -> tuple[int, int]:
    runs = SyncRun.objects.filter(source__workspace=workspace, finished_at__gte=since, finished_at__lt=until)
    found = runs.aggregate(received=Sum("received"), rejected=Sum("rejected"))
    return int(found["received"] or 0), int(found["rejected"] or 0)
