"""Files: any panel as CSV or XLSX, a chart as PNG or SVG, the rows behind a number."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from sightline.accounts import audit
from sightline.accounts.access import Access
from sightline.charts.files import draw
from sightline.dashboards.build import dashboard_view
from sightline.dashboards.export import MEDIA, Form, export_panel
from sightline.dashboards.view import ChartView
from sightline.errors import NotFound
from sightline.metrics.warehouse import warehouse_of
from sightline.web.guards import member
from sightline.web.row_file import row_file
from sightline.web.selecting import selected
from sightline.web.views.rows import rows_request

PICTURES = {"svg": "image/svg+xml", "png": "image/png"}


@require_GET
@member("view", "export")
def panel(request: HttpRequest, access: Access, name: str, panel: str, form: str) -> HttpResponse:
    """Return one panel of a dashboard as a file."""
    now = timezone.now()
    if form in PICTURES:
        return _picture(request, access, name, panel, cast('Literal["svg", "png"]', form), now)
    if form not in MEDIA:
        raise NotFound(f'there is no export as "{form}"')
    dashboard = access.folder.catalog.dashboard(name)
    made = export_panel(
        dashboard,
        panel,
        selected(request, access, dashboard=dashboard).selection,
        access.viewer,
        warehouse=warehouse_of(access.folder),
        now=now,
        form=cast("Form", form),
    )
    _record(access, f"{name} › {panel}", {"form": form, "rows": made.rows, "query": request.GET.urlencode()}, now)
    return attached(made.body, made.name, made.media_type)


@require_GET
@member("view", "see_rows", "export")
def rows(request: HttpRequest, access: Access, form: str) -> HttpResponse:
    """Return all rows behind a number, within the role's limit."""
    now = timezone.now()
    if form not in MEDIA:
        raise NotFound(f'there is no export as "{form}"')
    wanted = rows_request(request, access)
    at = access.folder.lake.snapshot(selected(request, access).selection.at)
    made = row_file(wanted, access, form=cast("Form", form), now=now, at=at)
    about = wanted.metric or wanted.dataset or ""
    _record(access, f"rows of {about}", {"form": form, "rows": made.rows, "query": request.GET.urlencode()}, now)
    return attached(made.body, made.name, made.media_type)


def attached(body: bytes, name: str, media_type: str) -> HttpResponse:
    """Return a file to keep."""
    response = HttpResponse(body, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _picture(
    request: HttpRequest, access: Access, name: str, panel: str, form: Literal["svg", "png"], now: datetime
) -> HttpResponse:
    dashboard = access.folder.catalog.dashboard(name)
    selection = selected(request, access, dashboard=dashboard).selection
    view = dashboard_view(dashboard, selection, access.viewer, warehouse=warehouse_of(access.folder), now=now)
    chart = next((each for each in view.panels if each.id == panel and isinstance(each, ChartView)), None)
    if chart is None:
        raise NotFound(f'there is no chart "{panel}" on this page')
    body = draw(chart.spec, form=form)
    _record(access, f"{name} › {panel}", {"form": form, "query": request.GET.urlencode()}, now)
    return attached(body, f"{name}-{panel}-{now:%Y%m%d-%H%M}.{form}", PICTURES[form])


def _record(access: Access, what: str, detail: dict[str, object], now: datetime) -> None:
    audit.record(workspace=access.workspace, actor=access.actor, verb="exported", object=what, detail=detail, now=now)
