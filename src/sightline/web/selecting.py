"""From an address to a selection, and back to the query that other pages carry along."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest

from sightline.accounts.access import Access
from sightline.dashboards.selection import Parsed, Selection, parse
from sightline.definitions.schema.dashboard import Dashboard
from sightline.lake.snapshot import Snapshot
from sightline.metrics.question import Question


def selected(request: HttpRequest, access: Access, *, dashboard: Dashboard | None = None) -> Parsed:
    """Return what the reader chose; nothing in an address can make this fail."""
    query = {name: request.GET.getlist(name) for name in request.GET}
    return parse(query, dashboard=dashboard, catalog=access.folder.catalog)


def carried(selection: Selection) -> str:
    """Return the selection as a query string, written the same way whatever the order it came in."""
    return urlencode(selection.pairs())


def snapshot_of(access: Access, selection: Selection) -> Snapshot:
    """Return the snapshot the address names, else the newest."""
    return access.folder.lake.snapshot(selection.at)


def question_of(request: HttpRequest, metric: str, selection: Selection) -> Question:
    """Return the question behind one number of a page."""
    return Question(
        metrics=(metric,),
        filters=selection.filters,
        where=request.GET.get("where") or None,
        period=selection.period,
        compare=selection.compare,
    )


def time_slot(now: datetime, minutes: int = 10) -> int:
    """Return a number that changes every few minutes: how late data is depends on the clock."""
    return int(now.timestamp()) // (60 * minutes)
