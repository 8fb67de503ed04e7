"""The freshness indicator of pages that are not a dashboard."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sightline.accounts.access import Access
from sightline.dashboards import dates
from sightline.dashboards.freshness import freshness as freshness_view
from sightline.dashboards.view import FreshnessView
from sightline.definitions.catalog import Catalog
from sightline.metrics.freshness import freshness
from sightline.metrics.result import SourceState
from sightline.metrics.warehouse import warehouse_of


def freshness_of(access: Access, now: datetime) -> FreshnessView:
    """Return how fresh the workspace's datasets are, as far as this viewer may know."""
    catalog, snapshot = access.folder.catalog, access.folder.lake.snapshot()
    states = freshness(
        catalog.datasets, access.viewer, warehouse=warehouse_of(access.folder), snapshot=snapshot, now=now
    )
    return freshness_view(states, catalog=catalog, today=now.astimezone(ZoneInfo(catalog.settings.zone)).date())


def reached(source: SourceState, catalog: Catalog, today: date) -> str:
    """Return how far a dataset reaches: a day when its rows only know days, else day and time."""
    at, zone = source.data_through or source.loaded_at, catalog.settings.zone
    if at is None:
        return "nothing yet"
    dataset = catalog.datasets[source.dataset]
    if source.data_through is not None and dataset.time and dataset.columns[dataset.time].type == "date":
        return dates.day(at.astimezone(ZoneInfo(zone)).date(), today=today)
    return dates.moment(at, zone=zone, today=today)
