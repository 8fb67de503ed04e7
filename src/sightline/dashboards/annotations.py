"""Events that explain numbers: which rows of which datasets a chart over time marks, and in which words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sightline.dashboards.page import Page, PlannedRows, Slot
from sightline.definitions.catalog import Catalog
from sightline.definitions.dimensions import Joins
from sightline.definitions.panels import panel_metrics
from sightline.definitions.schema.dashboard import LineChart
from sightline.definitions.schema.dataset import Dataset
from sightline.metrics.question import Order, Period
from sightline.metrics.rows import RowsRequest

MOST = 40
"""More marks than these on one chart would hide what they explain."""


@dataclass(frozen=True)
class Mark:
    """One event: the day (or moment, in the workspace's wall clock) it happened, and what it was."""

    at: datetime
    text: str


def planned_marks(panel: LineChart, *, slot: Slot) -> tuple[PlannedRows, ...]:
    """Return the requests for the events in the chart's period, under the filters that their datasets reach."""
    joins = Joins.of(slot.catalog)
    found = []
    for dataset in _annotated(panel, slot.page):
        said = dataset.annotations
        if said is None:
            continue
        reached = joins.dimensions(dataset.name)
        request = RowsRequest(
            dataset=dataset.name,
            filters=tuple(each for each in slot.selection.filters if each.dimension in reached),
            period=(panel.period or slot.selection.period) if dataset.time == said.at else "all_time",
            order=Order(said.at, descending=True),
            page_size=500,
            columns=(said.at, said.text),
        )
        found.append(PlannedRows(dataset.name, request, extra=True))
    return tuple(found)


def _annotated(panel: LineChart, page: Page) -> Iterator[Dataset]:
    names = _told_of(panel, page.catalog) if panel.annotations is None else panel.annotations
    return (page.catalog.datasets[name] for name in names if name in page.catalog.datasets)


def _told_of(panel: LineChart, catalog: Catalog) -> Iterator[str]:
    """Yield the datasets whose events may explain the metrics: of their packs, and the workspace's own.

    What happened to one business says nothing of another's numbers, though one workspace holds both.
    """
    packs = {catalog.pack_of.get(("metric", name), "") for _, name in panel_metrics(panel)}
    for name in catalog.datasets:
        own = catalog.pack_of.get(("dataset", name), "")
        if not own or own in packs or "" in packs:
            yield name


def marks(slot: Slot, period: Period) -> tuple[list[Mark], int]:
    """Return the events of the period, oldest first, and how many more there are than can be marked."""
    found: list[Mark] = []
    zone = ZoneInfo(slot.catalog.settings.zone)
    for name, rows in slot.rows.items():
        said = slot.catalog.dataset(name).annotations
        if said is None:
            continue
        names = [column.name for column in rows.columns]
        when, what = names.index(said.at), names.index(said.text)
        for row in rows.rows:
            if row[when] is not None and row[what] is not None:
                found.append(Mark(_local(row[when], zone), str(row[what])))
    inside = [mark for mark in found if _holds(period, mark.at.date())]
    inside.sort(key=lambda mark: (mark.at, mark.text))
    return inside[-MOST:], max(0, len(inside) - MOST)


def _local(at: date | datetime, zone: ZoneInfo) -> datetime:
    if isinstance(at, datetime):
        return at.astimezone(zone).replace(tzinfo=None)
    return datetime(at.year, at.month, at.day)  # noqa: DTZ001 - a wall clock, as charts draw it


def _holds(period: Period, day: date) -> bool:
    return (period.start is None or day >= period.start) and (period.end is None or day < period.end)


def in_bucket(found: Sequence[Mark], start: date | datetime, end: date | datetime) -> str:
    """Return the words of the events between two moments of the wall clock."""
    first, last = _moment(start), _moment(end)
    return "; ".join(mark.text for mark in found if first <= mark.at < last)


def after_bucket(start: date | datetime, grain: str, page: Page) -> date | datetime:
    """Return where the bucket that begins here ends."""
    if grain == "hour" and isinstance(start, datetime):
        return start + timedelta(hours=1)
    first = start.date() if isinstance(start, datetime) else start
    return page.calendar.following(first, grain)  # type: ignore[arg-type] # a grain, not an hour


def _moment(at: date | datetime) -> datetime:
    return at.replace(tzinfo=None) if isinstance(at, datetime) else datetime(at.year, at.month, at.day)  # noqa: DTZ001 - a wall clock
