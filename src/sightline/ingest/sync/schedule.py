"""When sources are read, and putting runs into the queue."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from sightline.errors import Conflict
from sightline.ingest.models import Source, SyncRun
from sightline.ingest.spec import SourceSpec, spec_from
from sightline.ingest.sync.claims import State, claimable, free_runs_of_the_dead

SCHEDULER = "schedule"


class SyncRuns(Conflict):
    """The source is being read already."""

    code = "SL-E386"


def next_run(spec: SourceSpec, *, zone: str, now: datetime) -> datetime | None:
    """Return when a source is read next; None: by hand only."""
    return spec.schedule.next_after(now, zone=zone) if spec.schedule else None


def queue_run(
    source: Source,
    *,
    trigger: str,
    by: str,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> SyncRun:
    """Return a new run that waits. Raises SyncRuns when one of the source is open: a source is read once at a time."""
    try:
        with transaction.atomic():
            return SyncRun.objects.create(
                source=source, trigger=trigger, by=by, queued_at=now, since=since, until=until
            )
    except IntegrityError:
        running = SyncRun.objects.filter(source=source, state__in=(State.QUEUED, State.RUNNING)).first()
        since_when = f" since {running.queued_at:%Y-%m-%d %H:%M} UTC ({running.by})" if running else ""
        raise SyncRuns(
            f'source "{source.name}" is being read already{since_when}', hint="Wait for it, or stop it."
        ) from None


def left_behind(source: Source, *, now: datetime) -> SyncRun | None:
    """Return the source's run that a killed process was at, free to be carried out again."""
    free_runs_of_the_dead(now)
    return SyncRun.objects.filter(claimable(now), source=source, state=State.RUNNING).first()


def queue_due(*, zones: dict[str, str], now: datetime) -> list[SyncRun]:
    """Return the runs that were put into the queue because their source's schedule says so.

    `zones`: the zone of each workspace. A source that missed several times is read once.
    """
    queued = []
    for source in Source.objects.filter(next_run_at__lte=now, is_paused=False, workspace__in=zones):
        spec = spec_from(source.spec, where=source.name)
        following = next_run(spec, zone=zones[source.workspace], now=now)
        due = Source.objects.filter(pk=source.pk, next_run_at=source.next_run_at)
        if not due.update(next_run_at=following):
            continue  # another worker was faster
        try:
            queued.append(queue_run(source, trigger=SyncRun.Trigger.SCHEDULE, by=SCHEDULER, now=now))
        except SyncRuns:
            continue  # the run before takes longer than the interval
    return queued


def waiting_runs(now: datetime) -> list[SyncRun]:
    """Return the runs that nobody carries out, oldest first."""
    return list(SyncRun.objects.filter(claimable(now)).select_related("source").order_by("queued_at", "pk"))
