"""The freshness indicator of pages that are not a dashboard."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sightline.accounts.access import Access
from sightline.dashboards.freshness import freshness as freshness_view
from sightline.dashboards.view import FreshnessView
from sightline.metrics.freshness import freshness
from sightline.metrics.warehouse import warehouse_of


def freshness_of(access: Access, now: datetime) -> FreshnessView:
    """Return how fresh the workspace's datasets are, as far as this viewer may know."""
    catalog, snapshot = access.catalog, access.folder.lake.snapshot()
    states = freshness(catalog.filled, access.viewer, warehouse=warehouse_of(access.folder), snapshot=snapshot, now=now)
    return freshness_view(states, catalog=catalog, today=now.astimezone(ZoneInfo(catalog.settings.zone)).date())
