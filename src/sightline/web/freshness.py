"""The freshness indicator of pages that are not a dashboard."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sightline.accounts.access import Access
from sightline.dashboards import dates
from sightline.dashboards.view import FreshnessView, SourceLine
from sightline.metrics.freshness import freshness
from sightline.metrics.result import SourceState
from sightline.metrics.warehouse import warehouse_of


def freshness_of(access: Access, now: datetime) -> FreshnessView:
    """Return how fresh the workspace's datasets are, as far as this viewer may know."""
    catalog, snapshot = access.folder.catalog, access.folder.lake.snapshot()
    states = freshness(
        catalog.datasets, access.viewer, warehouse=warehouse_of(access.folder), snapshot=snapshot, now=now
    )
    zone = catalog.settings.zone
    lines = tuple(SourceLine(each.label, each.state, _words(each, zone, now)) for each in states)
    loaded = [each for each in states if each.state != "empty"]
    behind = [each for each in loaded if each.state in ("late", "stale")]
    if not loaded:
        return FreshnessView("empty", "No data yet", lines)
    if behind:
        worst = "stale" if any(each.state == "stale" for each in behind) else "late"
        return FreshnessView(worst, f"{len(behind)} of {len(loaded)} sources late", lines)
    newest = max((each.data_through for each in loaded if each.data_through), default=None)
    return FreshnessView("fresh", f"Data to {_moment(newest, zone, now)}" if newest else "Data is fresh", lines)


def _words(source: SourceState, zone: str, now: datetime) -> str:
    if source.state == "empty":
        return "Nothing loaded yet"
    at = source.data_through or source.loaded_at
    return f"Data to {_moment(at, zone, now)}" if at else ""


def _moment(at: datetime, zone: str, now: datetime) -> str:
    return dates.moment(at, zone=zone, today=now.astimezone(ZoneInfo(zone)).date())
