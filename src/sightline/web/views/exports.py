"""Files: any panel as CSV or XLSX, a chart as PNG or SVG, the rows behind a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from sightline.accounts import audit
from sightline.accounts.access import Access
from sightline.charts.files import draw
from sightline.dashboards import dates
from sightline.dashboards.build import dashboard_view
from sightline.dashboards.compare import comparable_metrics
from sightline.dashboards.export import Export, Form, export_panel
from sightline.dashboards.metric_page import metric_view
from sightline.dashboards.page_files import export_comparison, export_metric_panel
from sightline.dashboards.selection import is_entity
from sightline.dashboards.sheets import About
from sightline.dashboards.view import ChartView, PanelView
from sightline.dashboards.watermark import marked_picture, metrics_watermark, watermark
from sightline.errors import NotFound
from sightline.metrics.warehouse import warehouse_of
from sightline.web.guards import member
from sightline.web.row_file import row_file
from sightline.web.selecting import compared_keys, selected
from sightline.web.views.rows import rows_request

PICTURES = {"svg": "image/svg+xml", "png": "image/png"}


@require_GET
@member("view", "export")
def panel(request: HttpRequest, access: Access, name: str, panel: str, form: str) -> HttpResponse:
    """Return one panel of a dashboard as a file."""
    now = timezone.now()
    dashboard = access.catalog.dashboard(name)
    selection, warehouse = selected(request, access, dashboard=dashboard).selection, warehouse_of(access.folder)
    if form in PICTURES:
        view = dashboard_view(dashboard, selection, access.viewer, warehouse=warehouse, now=now)
        mark = watermark(dashboard, access.viewer, catalog=warehouse.catalog, workspace=access.workspace, now=now)
        return _picture(request, access, view.panels, name, panel, form, now, mark)
    made = export_panel(
        dashboard,
        panel,
        selection,
        access.viewer,
        warehouse=warehouse,
        now=now,
        form=table_form(request, form),
        workspace=access.workspace,
    )
    return _given(request, access, made, f"{name} › {panel}", form, now)


@require_GET
@member("view", "export")
def metric(request: HttpRequest, access: Access, name: str, panel: str, form: str) -> HttpResponse:
    """Return one panel of a metric's page as a file."""
    now = timezone.now()
    selection = selected(request, access, metric=access.catalog.metric(name)).selection
    warehouse = warehouse_of(access.folder)
    if form in PICTURES:
        view = metric_view(name, selection, access.viewer, warehouse=warehouse, now=now)
        mark = metrics_watermark((name,), access.viewer, catalog=warehouse.catalog, workspace=access.workspace, now=now)
        return _picture(request, access, (view.trend, *view.breakdowns), name, panel, form, now, mark)
    made = export_metric_panel(
        name,
        panel,
        selection,
        access.viewer,
        warehouse=warehouse,
        now=now,
        form=table_form(request, form),
        workspace=access.workspace,
    )
    return _given(request, access, made, f"metric {name} › {panel}", form, now)


@require_GET
@member("view", "export")
def comparison(request: HttpRequest, access: Access, form: str) -> HttpResponse:
    """Return members side by side as a file."""
    now, entity = timezone.now(), request.GET.get("entity", "")
    if not is_entity(access.catalog, entity):
        raise NotFound(f'there is no entity "{entity}"')
    keys, warehouse = compared_keys(request), warehouse_of(access.folder)
    made = export_comparison(
        entity,
        keys,
        comparable_metrics(entity, warehouse=warehouse),
        selected(request, access).selection,
        access.viewer,
        warehouse=warehouse,
        now=now,
        form=table_form(request, form),
        workspace=access.workspace,
    )
    return _given(request, access, made, f"{entity}: {', '.join(keys)}", form, now)


@require_GET
@member("view", "see_rows", "export")
def rows(request: HttpRequest, access: Access, form: str) -> HttpResponse:
    """Return all rows behind a number, within the role's limit."""
    now = timezone.now()
    kind = table_form(request, form)
    wanted = rows_request(request, access)
    at = access.folder.lake.snapshot(selected(request, access).selection.at)
    made = row_file(wanted, access, form=kind, now=now, at=at)
    about = wanted.metric or wanted.dataset or ""
    return _given(request, access, made, f"rows of {about}", form, now)


def attached(body: bytes, name: str, media_type: str) -> HttpResponse:
    """Return a file to keep."""
    response = HttpResponse(body, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def table_form(request: HttpRequest, form: str) -> Form:
    """Return the form of a table file that the address asks for."""
    if form not in ("csv", "xlsx"):
        raise NotFound(f'there is no export as "{form}"')
    if form == "csv" and request.GET.get("context") == "1":
        return "csv_with_context"
    return cast("Form", form)


def _given(request: HttpRequest, access: Access, made: Export, what: str, form: str, now: datetime) -> HttpResponse:
    """Return the file, and write down who took what."""
    _record(access, what, {"form": form, "rows": made.rows, "query": request.GET.urlencode()}, now)
    return attached(made.body, made.name, made.media_type)


def _picture(
    request: HttpRequest,
    access: Access,
    panels: Sequence[PanelView],
    name: str,
    panel: str,
    form: str,
    now: datetime,
    mark: About = (),
) -> HttpResponse:
    spec = next((drawing_of(each) for each in panels if each.id == panel), None)
    if not spec:
        raise NotFound(f'there is no chart "{panel}" on this page')
    body = draw(marked_picture(spec, mark), form=cast('Literal["svg", "png"]', form))
    _record(access, f"{name} › {panel}", {"form": form, "query": request.GET.urlencode()}, now)
    stamped = dates.stamp(now, zone=access.folder.catalog.settings.zone)
    return attached(body, f"{name}-{panel}-{stamped}.{form}", PICTURES[form])


def drawing_of(panel: PanelView) -> Mapping[str, Any]:
    """Return what is drawn of a panel: the chart itself, or the picture of what the page shows as a table."""
    picture: Mapping[str, Any] = getattr(panel, "picture", {})
    return panel.spec if isinstance(panel, ChartView) and not picture else picture


def _record(access: Access, what: str, detail: dict[str, object], now: datetime) -> None:
    audit.record(workspace=access.workspace, actor=access.actor, verb="exported", object=what, detail=detail, now=now)
