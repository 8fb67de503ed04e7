"""Where a number comes from: the drawer, or a page of its own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from sightline.accounts.access import Access
from sightline.accounts.audit import record_access
from sightline.dashboards.build import asker_of
from sightline.dashboards.number_standing import number_standing
from sightline.metrics import ask
from sightline.metrics.warehouse import warehouse_of
from sightline.web.by_hand import by_hand
from sightline.web.data_marks import marks_of
from sightline.web.explanation import explained
from sightline.web.guards import member
from sightline.web.page import fragment, page
from sightline.web.selecting import number_of, snapshot_of
from sightline.web.shell import base_of


@require_GET
@member("view")
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the explanation of one number."""
    now, number = timezone.now(), number_of(request, access)
    metric = number.metric
    access.catalog.metric(metric)
    at = snapshot_of(access, number.selection)
    answer = ask(number.question, access.viewer, warehouse=warehouse_of(access.folder), now=now, at=at)
    asker = asker_of(access.viewer, warehouse=warehouse_of(access.folder), now=now, selection=number.selection)
    stands = number_standing(number, answer, asker=asker)
    why = answer.explain(metric, row=number.row(answer))
    shown = explained(why, answer, access.folder.catalog, stands=stands, unusual=marks_of(access, now))
    record_access(workspace=access.workspace, actor=access.actor, verb="explained", object=f"metric {metric}", now=now)
    metric_href = f"{base_of(access.workspace)}metrics/{metric}"
    context: dict[str, Any] = {
        "explanation": shown,
        "by_hand": by_hand(number, access, now=now, at=at),
        "rows_href": f"{base_of(access.workspace)}rows?{request.GET.urlencode()}",
        "metric_href": metric_href,
    }
    if request.headers.get("HX-Request"):
        return fragment(request, "web/parts/explanation.html", access=access, **context)
    return page(
        request,
        "web/pages/explain.html",
        title=f"{shown.label}, explained",
        access=access,
        current="metrics",
        crumbs=((shown.label, metric_href),),
        **context,
    )
