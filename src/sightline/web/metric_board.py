"""What the pages about one metric share: the board below the bar, alone for a swap, and the page around it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from sightline.accounts.access import Access
from sightline.accounts.audit import record_access
from sightline.dashboards.selection import Selection
from sightline.dashboards.view import FreshnessView
from sightline.web.page import page
from sightline.web.selecting import carried
from sightline.web.shell import base_of


class AboutMetric(Protocol):
    """What a page about a metric shows."""

    @property
    def title(self) -> str: ...

    @property
    def freshness(self) -> FreshnessView: ...


def metric_board(
    request: HttpRequest,
    access: Access,
    *,
    name: str,
    view: AboutMetric,
    selection: Selection,
    now: datetime,
    kind: str = "",
    **shown: Any,
) -> HttpResponse:
    """Return the page of a metric, or the one of a `kind` about it ("tree"); to htmx only the board of it.

    `shown` is what its templates print besides what both pages have.
    """
    record_access(workspace=access.workspace, actor=access.actor, verb="viewed", object=f"metric {name}", now=now)
    base, page_name = base_of(access.workspace), f"metric:{name}"
    context = {
        "view": view,
        "base": base,
        "here": f"{base}metrics/{name}{kind and f'/{kind}'}",
        "page_name": page_name,
        "carried": carried(selection),
        "can_export": access.viewer.policy.allows("export"),
        "can_see_rows": access.viewer.policy.allows("see_rows"),
        "files_at": f"{base}export-metric/{name}",
        **shown,
    }
    board = render_to_string(f"web/parts/{kind or 'metric'}_board.html", context)
    if request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request"):
        return HttpResponse(board)
    crumbs = (("Metrics", f"{base}metrics"), *([(view.title, f"{base}metrics/{name}")] if kind else []))
    return page(
        request,
        f"web/pages/metric{kind and f'_{kind}'}.html",
        title=f"{view.title}, {kind}" if kind else view.title,
        access=access,
        current="metrics",
        crumbs=crumbs,
        view=view,
        board=mark_safe(board),  # noqa: S308 - rendered by our own templates
        freshness=view.freshness,
        page_name=page_name,
    )
