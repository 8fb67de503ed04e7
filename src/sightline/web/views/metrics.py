"""The metric catalogue, and the page of one metric."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from sightline.accounts.access import Access
from sightline.dashboards import formats
from sightline.dashboards.metric_page import metric_view
from sightline.dashboards.units import unit_of
from sightline.dashboards.view import MetricView
from sightline.definitions.schema.base import label_of
from sightline.metrics.explain import formula
from sightline.metrics.warehouse import warehouse_of
from sightline.web.data_marks import marks_of
from sightline.web.freshness import freshness_of
from sightline.web.guards import member
from sightline.web.metric_board import metric_board
from sightline.web.page import page
from sightline.web.panels import PanelGroup
from sightline.web.selecting import selected

TYPES = {
    "simple": "Aggregate",
    "ratio": "Ratio",
    "derived": "Derived",
    "cumulative": "Cumulative",
    "semi_additive": "Level",
    "conversion": "Conversion",
    "funnel": "Funnel",
    "interval": "Time between",
    "score": "Score",
    "movement": "Movement",
    "retention": "Retention",
}


@dataclass(frozen=True)
class Entry:
    """One metric of the catalogue."""

    name: str
    label: str
    group: str
    description: str
    formula: str
    kind: str
    unit: str
    owner: str
    direction: str


@require_GET
@member("view")
def catalogue(request: HttpRequest, access: Access) -> HttpResponse:
    """Return every metric that is not a building block, by group."""
    text = request.GET.get("q", "").strip()
    entries = [entry for entry in _entries(access) if text.lower() in f"{entry.label} {entry.description}".lower()]
    groups = [(name, list(found)) for name, found in groupby(entries, key=lambda entry: entry.group)]
    return page(
        request,
        "web/pages/metrics.html",
        title="Metrics",
        access=access,
        current="metrics",
        groups=groups,
        count=len(entries),
        text=text,
        freshness=freshness_of(access, timezone.now()),
    )


@require_GET
@member("view")
def show(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """Return one metric: its meaning, its figure now, how it runs, what it is made of."""
    now = timezone.now()
    parsed = selected(request, access, metric=access.catalog.metric(name))
    view = metric_view(
        name,
        parsed.selection,
        access.viewer,
        warehouse=warehouse_of(access.folder),
        now=now,
        problems=parsed.problems,
        unusual=marks_of(access, now),
    )
    groups = [*_opening(view), PanelGroup(panels=(view.trend,)), *_pairs(view.breakdowns)]
    return metric_board(request, access, name=name, view=view, selection=parsed.selection, now=now, groups=groups)


def _opening(view: MetricView) -> list[PanelGroup]:
    """Return the strip with the figure; a funnel and cohorts have none, their stages and ages are the figures."""
    return [PanelGroup(tiles=(view.tile,))] if view.tile.kind in ("tile", "message") else []


def _pairs(panels: tuple[object, ...]) -> list[PanelGroup]:
    return [PanelGroup(panels=tuple(panels[at : at + 2])) for at in range(0, len(panels), 2)]  # type: ignore[arg-type]  # PanelViews


def _entries(access: Access) -> list[Entry]:
    catalog = access.catalog
    entries = [
        Entry(
            name=name,
            label=label_of(name, metric.label),
            group=metric.group or "Other",
            description=metric.description,
            formula=formula(name, catalog),
            kind=TYPES.get(metric.type, metric.type),
            unit=_unit(metric.unit, catalog.settings.currency),
            owner=formats.owner_words(metric.owner),
            direction=metric.direction,
        )
        for name, metric in catalog.metrics.items()
        if not metric.hidden
    ]
    order = list(dict.fromkeys(entry.group for entry in entries))
    return sorted(entries, key=lambda entry: (order.index(entry.group), entry.label.lower()))


def _unit(name: str, currency: str) -> str:
    unit = unit_of(name, currency=currency)
    return unit.header or unit.suffix.strip() or unit.kind
