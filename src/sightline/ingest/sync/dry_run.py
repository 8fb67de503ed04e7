"""What a sync would do: its plan, and what would become of the first page of each stream. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sightline.errors import SightlineError
from sightline.home import WorkspaceFolder
from sightline.ingest.connections import opened, spec_of
from sightline.ingest.mapping import match
from sightline.ingest.models import Source
from sightline.ingest.records import columns_of, store_records
from sightline.ingest.sync.chunks import latest_of_each, run_id
from sightline.ingest.sync.plan import StreamPlan
from sightline.ingest.sync.run import planned
from sightline.ingest.sync.stream import Target
from sightline.sources.base import Page, ReadRequest
from sightline.sources.base import Source as OpenSource


@dataclass(frozen=True)
class DryStream:
    """One stream: what would be read in words, and of its first page how many records would be accepted or held."""

    stream: str
    dataset: str
    plan: str = ""
    received: int = 0
    accepted: int = 0
    rejected: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    problem: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def dry_run_of(
    source: Source,
    folder: WorkspaceFolder,
    *,
    clock: Callable[[], datetime],
    since: datetime | None,
    until: datetime | None,
) -> list[DryStream]:
    """Return what a sync would do with each stream. Raises SourceError when the source cannot be opened."""
    target = Target(source, spec_of(source), folder, clock)
    with opened(source, folder, clock=clock) as connection:
        plan = planned(connection, target, since=since, until=until)
        streams = target.spec.streams
        broken = [DryStream(name, streams[name].dataset, problem=text) for name, text in plan.problems.items()]
        return [*broken, *(_first_page(connection, each, target) for each in plan.streams)]


def _first_page(connection: OpenSource, plan: StreamPlan, target: Target) -> DryStream:
    name, window, now = plan.stream.name, plan.windows[0], target.clock()
    told = _told(plan)
    try:
        request = ReadRequest(plan.stream, plan.columns, window.cursor, window.since, window.until)
        page = next(iter(connection.read(request)), Page(()))
        records = latest_of_each(page.records, plan.stream.key)
        if not records:
            return DryStream(name, plan.dataset.name, told)
        written = store_records(
            folder=target.folder,
            dataset=plan.dataset,
            records=records,
            mapping=plan.mapping,
            run=run_id(target.source.name, name, records),
            now=now,
            dry_run=True,
        )
    except SightlineError as error:
        return DryStream(name, plan.dataset.name, told, problem=str(error))
    return DryStream(
        name,
        plan.dataset.name,
        told,
        received=written.received,
        accepted=written.accepted,
        rejected=written.rejected,
        reasons={reason.text: reason.count for reason in written.reasons},
        sources=dict(match(plan.dataset, columns_of(records, plan.dataset, plan.mapping), plan.mapping).sources),
    )


def _told(plan: StreamPlan) -> str:
    first, last = plan.windows[0], plan.windows[-1]
    if plan.is_backfill and first.since and last.until:
        count = f" in {len(plan.windows)} parts" if len(plan.windows) > 1 else ""
        return f"backfill of {first.since:%Y-%m-%d %H:%M} to {last.until:%Y-%m-%d %H:%M} UTC{count}"
    if first.cursor is not None:
        return "what changed since the last sync"
    return f"everything since {first.since:%Y-%m-%d}" if first.since else "everything"
