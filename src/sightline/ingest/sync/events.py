"""What a finished run says about data: failures, differing counts, changed columns. Each lasts until a run is well."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sightline.ingest.data_events import About, Level, end_event, note, open_event
from sightline.ingest.models import SyncRun
from sightline.ingest.sync.outcome import StreamOutcome

SHOWN_DAYS = 5


def record_events(run: SyncRun, streams: Mapping[str, StreamOutcome], *, now: datetime) -> None:
    """Open, bring up to date or end the events of the run's source."""
    source = run.source
    failed = About(source.workspace, "sync_failed", source=source.name)
    if run.state == SyncRun.State.DONE:
        end_event(failed, now=now)
    else:
        open_event(failed, level=Level.ERROR, message=f"Sync failed: {run.problem}", now=now, detail={"run": run.pk})
    for name, outcome in streams.items():
        _counts(run, name, outcome, now)
        if outcome.drift:
            about = About(source.workspace, "schema_changed", source=source.name, dataset=outcome.dataset, subject=name)
            note(about, message=f"The columns of {name} changed ({outcome.drift}).", now=now, detail={"run": run.pk})


def _counts(run: SyncRun, name: str, outcome: StreamOutcome, now: datetime) -> None:
    source = run.source
    about = About(source.workspace, "count_differs", source=source.name, dataset=outcome.dataset, subject=name)
    if outcome.differing:
        shown = "; ".join(str(each["told"]) for each in outcome.differing[:SHOWN_DAYS])
        more = f"; and {len(outcome.differing) - SHOWN_DAYS} more days" if len(outcome.differing) > SHOWN_DAYS else ""
        open_event(
            about,
            level=Level.ERROR,
            message=f"Counts of {name} differ from the source: {shown}{more}.",
            now=now,
            detail={"run": run.pk, "days": outcome.differing},
        )
    elif outcome.compared_days:
        end_event(about, now=now)
