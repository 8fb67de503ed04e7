"""From an address to a selection, and back to the query that other pages carry along."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest

from sightline.accounts.access import Access
from sightline.dashboards.about import About, about
from sightline.dashboards.cadence import usual_period
from sightline.dashboards.selection import Parsed, Selection, parse
from sightline.definitions.schema.dashboard import Dashboard
from sightline.definitions.schema.metric import Metric
from sightline.lake.snapshot import Snapshot


def selected(
    request: HttpRequest, access: Access, *, dashboard: Dashboard | None = None, metric: Metric | None = None
) -> Parsed:
    """Return what the reader chose; nothing in an address can make this fail. A metric's page has its own default."""
    query = {name: request.GET.getlist(name) for name in request.GET}
    if metric is not None:
        return parse(query, dashboard=None, catalog=access.folder.catalog, otherwise=usual_period(metric))
    return parse(query, dashboard=dashboard, catalog=access.folder.catalog)


def carried(selection: Selection) -> str:
    """Return the selection as a query string, written the same way whatever the order it came in."""
    return urlencode(selection.pairs())


def compared_keys(request: HttpRequest) -> list[str]:
    """Return the members to compare: `members=a,b` and `members=a&members=b` are the same."""
    return [key for part in request.GET.getlist("members") for key in part.split(",") if key]


def snapshot_of(access: Access, selection: Selection) -> Snapshot:
    """Return the snapshot the address names, else the newest."""
    return access.folder.lake.snapshot(selection.at)


def number_of(request: HttpRequest, access: Access) -> About:
    """Return the number that an address such as `explain?metric=…` is about."""
    query = {name: request.GET.getlist(name) for name in request.GET}
    return about(query, catalog=access.folder.catalog)
