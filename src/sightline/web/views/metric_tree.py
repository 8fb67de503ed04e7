"""The tree of a metric as a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from sightline.accounts.access import Access
from sightline.accounts.audit import record_access
from sightline.dashboards.metric_tree import metric_tree
from sightline.metrics.warehouse import warehouse_of
from sightline.web.guards import member
from sightline.web.page import page
from sightline.web.selecting import carried, selected
from sightline.web.shell import base_of


@require_GET
@member("view")
def show(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """Return what the metric is made of, each part with its value, its change and what it does to the whole."""
    now = timezone.now()
    parsed = selected(request, access, metric=access.catalog.metric(name))
    warehouse = warehouse_of(access.folder)
    view = metric_tree(name, parsed.selection, access.viewer, warehouse=warehouse, now=now, problems=parsed.problems)
    record_access(workspace=access.workspace, actor=access.actor, verb="viewed", object=f"metric {name}", now=now)
    base = base_of(access.workspace)
    context = {
        "view": view,
        "base": base,
        "here": f"{base}metrics/{name}/tree",
        "page_name": f"metric:{name}",
        "carried": carried(parsed.selection),
        "can_export": access.viewer.policy.allows("export"),
        "can_see_rows": access.viewer.policy.allows("see_rows"),
        "files_at": f"{base}export-metric/{name}",
    }
    board = render_to_string("web/parts/tree_board.html", context)
    if request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request"):
        return HttpResponse(board)
    return page(
        request,
        "web/pages/metric_tree.html",
        title=f"{view.title}, tree",
        access=access,
        current="metrics",
        crumbs=(("Metrics", f"{base}metrics"), (view.title, f"{base}metrics/{name}")),
        view=view,
        board=mark_safe(board),  # noqa: S308 - rendered by our own templates
        freshness=view.freshness,
        page_name=f"metric:{name}",
    )
