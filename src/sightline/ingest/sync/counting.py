"""Comparing counts with the source, per stream and UTC day: what it has must be what we publish or hold.

A dataset may have rows from elsewhere too. A row that was there before and is the same in the source keeps the run that
brought it, so the rows of the stream are at least those it wrote last, and at most all: outside of that, counts differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sightline.home import WorkspaceFolder
from sightline.ingest.mapping import match
from sightline.ingest.models import Source
from sightline.ingest.sync.chunks import run_prefix
from sightline.ingest.sync.plan import StreamPlan
from sightline.lake.counts import DayCounts, count_by_day
from sightline.sources.base import Source as OpenSource

RECENT_DAYS = 7
MOST_DAYS = 62


@dataclass(frozen=True)
class DayDifference:
    """A day on which counts differ: what the source has, what is published, what is held."""

    day: date
    source: int
    published: int
    held: int

    def told(self) -> str:
        """Return the difference in words."""
        held = f" and {self.held:,} held" if self.held else ""
        return f"{self.day}: the source has {self.source:,}, the lake {self.published:,}{held}"


@dataclass(frozen=True)
class Comparison:
    """The days that were compared, and those that differ. No days: the source cannot count."""

    days: int
    differing: tuple[DayDifference, ...]


def compare_counts(
    connection: OpenSource,
    plan: StreamPlan,
    *,
    source: Source,
    folder: WorkspaceFolder,
    days: Iterable[date],
    now: datetime,
    run: str,
) -> Comparison:
    """Return the comparison for days on which records that were just read had been created, and for the last week."""
    column = _created_column(plan)
    wanted = _days(days, plan, now=now)
    counted = connection.count(plan.stream, wanted) if column and wanted else None
    if counted is None or column is None:
        return Comparison(0, ())
    ours = count_by_day(
        folder.lake,
        plan.dataset,
        folder.lake.snapshot(),
        column=column,
        source_column=plan.stream.created or "",
        days=wanted,
        run_prefix=run_prefix(source.name, plan.stream.name),
        run=run,
    )
    return Comparison(len(wanted), _differences(counted, ours, wanted))


def _differences(counted: Mapping[date, int], ours: DayCounts, days: Iterable[date]) -> tuple[DayDifference, ...]:
    found = []
    for day in days:
        there, held = counted.get(day, 0), ours.held.get(day, 0)
        least, most = ours.own.get(day, 0), ours.published.get(day, 0)
        if not least <= there - held <= most:
            found.append(DayDifference(day, there, most if there - held > most else least, held))
    return tuple(found)


def _created_column(plan: StreamPlan) -> str | None:
    """Return the column of the dataset that the stream's time of creation fills."""
    if plan.stream.created is None:
        return None
    sources = match(plan.dataset, plan.columns or plan.stream.columns, plan.mapping).sources
    return next((column for column, name in sources.items() if name == plan.stream.created), None)


def _days(touched: Iterable[date], plan: StreamPlan, *, now: datetime) -> list[date]:
    """Return whole days only: the source may get records of today while we count."""
    today = now.astimezone(UTC).date()
    recent = {today - timedelta(days=back) for back in range(1, RECENT_DAYS + 1)}
    first = plan.windows[0].since
    found = {day for day in {*touched, *recent} if day < today and (first is None or day > first.date())}
    return sorted(found)[-MOST_DAYS:]
