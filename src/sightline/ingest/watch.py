"""Looking after data: sources that are late, datasets that are stale, unusual days, data that is incomplete.

Each finding is an event that lasts until it is no longer so. Nothing is sent from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sightline.definitions.durations import parse_duration
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Dataset
from sightline.home import WorkspaceFolder
from sightline.ingest.completeness import incomplete
from sightline.ingest.connections import spec_of
from sightline.ingest.data_events import About, Level, end_event, open_event
from sightline.ingest.models import Source, SyncRun
from sightline.ingest.spec import SourceSpec
from sightline.ingest.volumes import day_volumes
from sightline.lake.snapshot import Snapshot

GRACE = timedelta(minutes=30)
"""A scheduled sync may take so long before its source is called late."""


@dataclass(frozen=True)
class Finding:
    """Something found: what it is about, and whether it is so; then with words and numbers."""

    about: About
    is_so: bool
    level: str = Level.WARNING
    message: str = ""
    detail: dict[str, object] | None = None


def watch(folder: WorkspaceFolder, *, now: datetime) -> list[str]:
    """Look at everything in a workspace, bring its events up to date, and return the words of those that are open."""
    said = []
    for finding in _findings(folder, now):
        if finding.is_so:
            open_event(finding.about, level=finding.level, message=finding.message, now=now, detail=finding.detail)
            said.append(finding.message)
        else:
            end_event(finding.about, now=now)
    return said


def _findings(folder: WorkspaceFolder, now: datetime) -> Iterator[Finding]:
    catalog, snapshot = folder.catalog, folder.lake.snapshot()
    zone = catalog.settings.zone
    for source in Source.objects.filter(workspace=folder.name):
        yield _late_source(source, zone=zone, now=now)
    today = now.astimezone(ZoneInfo(zone)).date()
    for about, low in incomplete(folder, now=now):
        yield Finding(about, low is not None, Level.WARNING, low.message if low else "", low.detail if low else None)
    for dataset in catalog.filled.values():
        yield _stale_dataset(folder.name, dataset, snapshot, now)
        yield _unusual_day(folder, dataset, snapshot, today)


def _late_source(source: Source, *, zone: str, now: datetime) -> Finding:
    about = About(source.workspace, "stale", source=source.name)
    if source.is_paused:
        return Finding(about, is_so=False)
    spec = spec_of(source)
    done = SyncRun.objects.filter(source=source, state=SyncRun.State.DONE).order_by("-finished_at").first()
    last = done.finished_at if done and done.finished_at else source.created_at
    due = _due_by(spec, last, zone)
    if due is None or now <= due:
        return Finding(about, is_so=False)
    label = spec.label or label_of(source.name)
    when = f"{last.astimezone(ZoneInfo(zone)):%d %b %Y, %H:%M}"
    never = "was never read" if done is None else f"was last read at {when}"
    detail: dict[str, object] = {"last": last.isoformat(), "due": due.isoformat()}
    return Finding(about, True, Level.WARNING, f"{label} is late: it {never}.", detail)


def _due_by(spec: SourceSpec, last: datetime, zone: str) -> datetime | None:
    """Return by when a source should have been read again: as it says itself, else by its schedule."""
    if spec.late_after is not None:
        return last + parse_duration(spec.late_after).approximate
    return spec.schedule.next_after(last, zone=zone) + GRACE if spec.schedule else None


def _stale_dataset(workspace: str, dataset: Dataset, snapshot: Snapshot, now: datetime) -> Finding:
    about = About(workspace, "stale", dataset=dataset.name)
    version = snapshot.datasets.get(dataset.name)
    if version is None or dataset.freshness is None:
        return Finding(about, is_so=False)
    newest = version.data_through or version.loaded_at
    age = now - newest
    if age <= parse_duration(dataset.freshness.error).approximate:
        return Finding(about, is_so=False)
    label = label_of(dataset.name, dataset.label)
    message = f"{label} is stale: its newest row is {_age(age)} old, {dataset.freshness.error} are allowed."
    return Finding(about, True, Level.ERROR, message, {"newest": newest.isoformat()})


def _age(age: timedelta) -> str:
    """Return an age in words: hours of the first two days, whole days beyond."""
    hours = int(age / timedelta(hours=1))
    return f"{hours} hour{'' if hours == 1 else 's'}" if hours < 48 else f"{age.days} days"


def _unusual_day(folder: WorkspaceFolder, dataset: Dataset, snapshot: Snapshot, today: date) -> Finding:
    """Compare the last whole day that has data with the same weekday of the weeks before."""
    about = About(folder.name, "volume_unusual", dataset=dataset.name)
    volumes = day_volumes(folder, dataset, snapshot, today=today)
    last = volumes[-1] if volumes else None
    if last is None or last.distance is None or last.expected is None or not last.is_unusual:
        return Finding(about, is_so=False)
    distance, label = last.distance, label_of(dataset.name, dataset.label)
    word = "more" if distance.value > distance.usual else "fewer"
    least, most = last.expected
    message = (
        f"{label}: {distance.value:,.0f} rows on {last.day:%a %d %b}, {word} than usual "
        f"(median of {distance.n} such weekdays: {distance.usual:,.0f})."
    )
    detail: dict[str, object] = {"day": last.day.isoformat(), "rows": distance.value, "usual": distance.usual}
    return Finding(about, True, Level.WARNING, message, {**detail, "least": least, "most": most})
