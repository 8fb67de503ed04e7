"""Dashboards: one request answers all panels; what was rendered before is not rendered again."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping
from datetime import datetime
from urllib.parse import urlencode

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from sightline.accounts.access import Access
from sightline.accounts.audit import record_access
from sightline.accounts.models import SavedFilter
from sightline.dashboards.build import dashboard_view, etag_of
from sightline.dashboards.formats import plural
from sightline.dashboards.selection import Parsed
from sightline.dashboards.view import DashboardView, PanelView, TableView
from sightline.dashboards.watermark import distribution_words
from sightline.definitions.built_in import BUILT_IN
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dashboard import Dashboard
from sightline.metrics.members import members
from sightline.metrics.warehouse import warehouse_of
from sightline.web.appearance import appearance_of
from sightline.web.board_cache import BOARD, BOARDS, FRAMES, TOKEN, Board, frame_of
from sightline.web.data_marks import marks_of
from sightline.web.guards import member
from sightline.web.managed import managed
from sightline.web.page import page
from sightline.web.panels import groups_of
from sightline.web.selecting import carried, selected
from sightline.web.shell import base_of, home_dashboard
from sightline.web.table_files import table_files


@require_GET
@member("view")
def home(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the way to the dashboard the workspace opens with."""
    name = home_dashboard(access.catalog)
    base = base_of(access.workspace)
    if name is None:
        return page(request, "web/pages/no_dashboards.html", title="Dashboards", access=access)
    return HttpResponseRedirect(f"{base}d/{name}")


@require_GET
@member("view")
def show(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """Return a dashboard, its board alone for a swap, or 304 when the reader has it already."""
    now = timezone.now()
    dashboard = access.catalog.dashboard(name)
    swap = bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")
    if not swap and not request.GET and (default := _default(access, name)):
        return HttpResponseRedirect(f"{request.path}?{default}")
    parsed = selected(request, access, dashboard=dashboard)
    if dashboard.entity and not parsed.selection.values(dashboard.entity):
        return _choose(request, access, dashboard)
    unusual = marks_of(access, now)
    key = (*_key(access, dashboard, parsed, now), tuple(sorted(unusual.items())))
    token = get_token(request)  # forms on the page carry it, so a new one makes a new page
    etag, told = _etag(request, key, swap), len(get_messages(request)) > 0
    if request.headers.get("If-None-Match") == etag and not swap and not told:
        return _tagged(HttpResponseNotModified(), etag)
    board = BOARDS.get(key)
    if board is None:
        board = _board(access, dashboard, parsed, unusual, now)
        if board.is_settled:
            BOARDS.put(key, board)
    record_access(workspace=access.workspace, actor=access.actor, verb="viewed", object=f"dashboard {name}", now=now)
    if swap:
        return _tagged(HttpResponse(board.html), "")
    is_kept = board.is_settled and not told
    frame = FRAMES.get(etag) if is_kept else None
    if frame is None:
        frame = frame_of(_whole(request, access, dashboard, parsed, board).content)
        if is_kept:
            FRAMES.put(etag, frame)
    return _tagged(HttpResponse(frame.around(board.html, token=token)), etag if is_kept else "")


def _choose(request: HttpRequest, access: Access, dashboard: Dashboard) -> HttpResponse:
    """Return the list of members that a page about one of them can be opened for."""
    entity = dashboard.entity or ""
    found = members(entity, access.viewer, warehouse=warehouse_of(access.folder), limit=200)
    base = base_of(access.workspace)
    links = [(each.label, f"{base}d/{dashboard.name}?{urlencode({entity: each.key})}") for each in found if each.key]
    return page(
        request,
        "web/pages/choose_member.html",
        title=dashboard.title,
        access=access,
        current=f"d/{dashboard.name}",
        crumbs=_crumbs(access, dashboard),
        entity=label_of(entity),
        links=links,
    )


def _whole(request: HttpRequest, access: Access, dashboard: Dashboard, parsed: Parsed, board: Board) -> HttpResponse:
    query = carried(parsed.selection)
    export = f"{base_of(access.workspace)}export/{dashboard.name}/{board.table}" if board.table else ""
    return page(
        request,
        "web/pages/dashboard.html",
        title=board.title,
        access=access,
        current=f"d/{dashboard.name}",
        crumbs=_crumbs(access, dashboard),
        heading=board.title,
        meta=board.meta,
        board=mark_safe(BOARD),  # noqa: S308 - a constant; frame_of puts the board in its place
        csrf_token=TOKEN,
        freshness=board.freshness,
        page_name=dashboard.name,
        distribution=distribution_words(dashboard, access.folder.catalog) if dashboard.confidential else "",
        page_files=table_files(export, query=query, note=board.rows) if export else [],
        saving=True,
        is_archived=board.is_archived,
        **managed(access, dashboard.entity or "", board.member, is_archived=board.is_archived),
    )


def _board(access: Access, dashboard: Dashboard, parsed: Parsed, unusual: Mapping[str, str], now: datetime) -> Board:
    view = dashboard_view(
        dashboard,
        parsed.selection,
        access.viewer,
        warehouse=warehouse_of(access.folder),
        now=now,
        problems=parsed.problems,
        unusual=unusual,
    )
    main = main_table(view)
    context = {
        "view": view,
        "groups": groups_of(view.blocks),
        "base": base_of(access.workspace),
        "here": f"{base_of(access.workspace)}d/{dashboard.name}",
        "page_name": dashboard.name,
        "carried": carried(parsed.selection),
        "can_export": access.viewer.policy.allows("export"),
        "can_see_rows": access.viewer.policy.allows("see_rows"),
        "compare_panel": _compared(view),
        "saving": True,
    }
    html = render_to_string("web/parts/board.html", context)
    meta = label_of(dashboard.entity) if dashboard.entity and view.member else dashboard.description
    rows = plural(main.total_rows, "row") if isinstance(main, TableView) else ""
    return Board(
        html=html.encode(),
        title=view.title,
        meta=meta,
        icon=view.icon,
        freshness=view.freshness,
        entity=view.entity,
        rows=rows,
        table=main.id if main else "",
        member=view.member[0] if view.member else "",
        is_archived=view.is_archived,
        is_settled=view.is_settled,
    )


def _compared(view: DashboardView) -> str:
    """Return the panel whose members can be ticked for comparison: one per page."""
    tables = (panel for panel in view.panels if isinstance(panel, TableView) and panel.comparable)
    return next((panel.id for panel in tables if panel.shown_rows > 1), "")


def main_table(view: DashboardView) -> PanelView | None:
    """Return the panel that stands for the page when it is exported: its first table, else the first with rows."""
    exportable = [panel for panel in view.panels if panel.exportable and panel.state in ("ok", "stale")]
    tables = [panel for panel in exportable if isinstance(panel, TableView)]
    return (tables or exportable or [None])[0]


def _default(access: Access, dashboard: str) -> str:
    """Return the query of the view this person opens the dashboard with, or ""."""
    mine = SavedFilter.objects.filter(
        user=access.user, workspace=access.workspace, dashboard=dashboard, is_default=True
    )
    return mine.values_list("query", flat=True).first() or ""


def _key(access: Access, dashboard: Dashboard, parsed: Parsed, now: datetime) -> tuple[Hashable, ...]:
    """Return what a board depends on: data, definitions, policy, selection and the hour."""
    warehouse = warehouse_of(access.folder)
    tag = etag_of(f"d/{dashboard.name}", parsed.selection, access.viewer, warehouse=warehouse, now=now)
    return (access.workspace, tag, parsed.problems)


def _etag(request: HttpRequest, key: Hashable, swap: bool) -> str:
    look = appearance_of(request)
    around = (request.user.pk, request.META.get("CSRF_COOKIE", ""), look, swap, getattr(request, "viewing_as", ""))
    return f'W/"{hashlib.sha256(repr((key, around)).encode()).hexdigest()[:24]}"'


def _tagged(response: HttpResponse, etag: str) -> HttpResponse:
    if etag:
        response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ("HX-Request", "Cookie"))
    return response


def _crumbs(access: Access, dashboard: Dashboard) -> list[tuple[str, str]]:
    catalog, base = access.folder.catalog, base_of(access.workspace)
    pack = catalog.pack_of.get(("dashboard", dashboard.name), "")
    known = next((each for each in catalog.packs if each.pack == pack), None)
    group = "Data" if pack == BUILT_IN else label_of(pack, known.label if known else "")
    crumbs = [(group, "")] if pack else []
    if dashboard.entity and known and known.home and known.home != dashboard.name:
        crumbs.append((catalog.dashboard(known.home).title, f"{base}d/{known.home}"))
    return crumbs
