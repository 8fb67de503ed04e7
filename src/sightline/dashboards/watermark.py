"""What every file of a confidential dashboard says of itself: that it is, who took it, when, of what, and for whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sightline.dashboards import dates
from sightline.dashboards.sheets import About
from sightline.definitions.catalog import Catalog
from sightline.definitions.lineage import datasets_behind
from sightline.definitions.panels import panel_metrics, spelt_out
from sightline.definitions.policy import Viewer
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dashboard import Dashboard, ListPanel

CONFIDENTIAL, DISTRIBUTION = "Confidential", "Distribution"
EVERYONE = "all who may open it"


def watermark(dashboard: Dashboard, viewer: Viewer, *, catalog: Catalog, workspace: str, now: datetime) -> About:
    """Return the lines of the mark; none for a dashboard that is not confidential."""
    if not dashboard.confidential:
        return ()
    taken = dates.moment(now, zone=catalog.settings.zone)
    place = catalog.settings.branding.name or catalog.settings.label or label_of(workspace)
    return (
        (CONFIDENTIAL, f"{place}, taken by {viewer.name} on {taken}"),
        (DISTRIBUTION, distribution_words(dashboard, catalog)),
    )


def metrics_watermark(
    metrics: Collection[str], viewer: Viewer, *, catalog: Catalog, workspace: str, now: datetime
) -> About:
    """Return the mark of files of these metrics, which is that of the confidential dashboards any is shown on."""
    found = [each for each in _confidential(catalog) if not _shown(each, catalog).isdisjoint(metrics)]
    return _mark_of(found, viewer, catalog=catalog, workspace=workspace, now=now)


def dataset_watermark(dataset: str, viewer: Viewer, *, catalog: Catalog, workspace: str, now: datetime) -> About:
    """Return the mark of files of a dataset's rows: that of the confidential dashboards that list or count them."""
    found = [each for each in _confidential(catalog) if dataset in _read(each, catalog)]
    return _mark_of(found, viewer, catalog=catalog, workspace=workspace, now=now)


def _mark_of(found: Sequence[Dashboard], viewer: Viewer, *, catalog: Catalog, workspace: str, now: datetime) -> About:
    if not found:
        return ()
    is_for_all = any(not each.distribution for each in found)
    roles = [] if is_for_all else list(dict.fromkeys(role for each in found for role in each.distribution))
    whole = found[0].model_copy(update={"distribution": roles})
    return watermark(whole, viewer, catalog=catalog, workspace=workspace, now=now)


def _confidential(catalog: Catalog) -> Iterator[Dashboard]:
    return (each for each in catalog.dashboards.values() if each.confidential)


def _shown(dashboard: Dashboard, catalog: Catalog) -> set[str]:
    return {name for panel in dashboard.panels for _, name in panel_metrics(spelt_out(panel, catalog.metrics))}


def _read(dashboard: Dashboard, catalog: Catalog) -> set[str]:
    """Return the datasets that a dashboard lists, and those that its metrics are computed from in the end."""
    found = {panel.list for panel in dashboard.panels if isinstance(panel, ListPanel)}
    return found.union(*(datasets_behind(catalog.metrics, name) for name in _shown(dashboard, catalog)))


def distribution_words(dashboard: Dashboard, catalog: Catalog) -> str:
    """Return for whom a dashboard is, by the labels of the roles."""
    roles = catalog.roles
    named = (label_of(name, roles[name].label if name in roles else "") for name in dashboard.distribution)
    return ", ".join(named) or EVERYONE


def mark_words(mark: About) -> str:
    """Return the mark in one line: Confidential: Northfield, taken by … For: Executive, Board."""
    said = dict(mark)
    return f"{CONFIDENTIAL}: {said[CONFIDENTIAL]}. For: {said[DISTRIBUTION]}" if mark else ""


def marked_picture(spec: Mapping[str, Any], mark: About) -> Mapping[str, Any]:
    """Return a drawing with the mark under it."""
    if not mark:
        return spec
    said = dict(mark)
    lines = [f"{CONFIDENTIAL}: {said[CONFIDENTIAL]}", f"For: {said[DISTRIBUTION]}"]
    title = {"text": lines, "orient": "bottom", "anchor": "start", "fontSize": 11, "fontWeight": 500, "offset": 12}
    return {**spec, "title": title}
