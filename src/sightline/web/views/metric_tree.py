"""The tree of a metric as a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from sightline.accounts.access import Access
from sightline.dashboards.metric_tree import metric_tree
from sightline.metrics.warehouse import warehouse_of
from sightline.web.guards import member
from sightline.web.metric_board import metric_board
from sightline.web.selecting import selected


@require_GET
@member("view")
def show(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """Return what the metric is made of, each part with its value, its change and what it does to the whole."""
    now = timezone.now()
    parsed = selected(request, access, metric=access.catalog.metric(name))
    warehouse = warehouse_of(access.folder)
    view = metric_tree(name, parsed.selection, access.viewer, warehouse=warehouse, now=now, problems=parsed.problems)
    return metric_board(request, access, name=name, view=view, selection=parsed.selection, now=now, kind="tree")
