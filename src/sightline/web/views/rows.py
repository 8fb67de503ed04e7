"""The rows behind a number."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from sightline.accounts.access import Access
from sightline.accounts.audit import record_access
from sightline.definitions.schema.base import label_of
from sightline.ingest.entries import masked_columns
from sightline.ingest.own_rows import may_enter
from sightline.metrics.question import Order
from sightline.metrics.rows import RowsRequest, rows_behind
from sightline.metrics.warehouse import warehouse_of
from sightline.web.guards import member
from sightline.web.page import page
from sightline.web.row_page import shown_rows
from sightline.web.selecting import selected, snapshot_of
from sightline.web.shell import base_of
from sightline.web.table_files import table_files

SORT = re.compile(r"-?[a-z][a-z0-9_]{0,62}")


@require_GET
@member("view", "see_rows")
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """Return one page of the rows, sorted as the address says, with personal data masked as the role says."""
    now = timezone.now()
    wanted = rows_request(request, access)
    found = rows_behind(
        wanted,
        access.viewer,
        warehouse=warehouse_of(access.folder),
        now=now,
        at=snapshot_of(access, selected(request, access).selection),
    )
    catalog = access.folder.catalog
    label = label_of(wanted.metric, catalog.metric(wanted.metric).label) if wanted.metric else found.label
    detail = {
        "filters": [f"{each.dimension} {each.operator} {', '.join(map(str, each.values))}" for each in wanted.filters],
        "period": str(wanted.period),
    }
    record_access(
        workspace=access.workspace,
        actor=access.actor,
        verb="rows_viewed",
        object=wanted.metric or found.dataset,
        detail=detail,
        now=now,
    )
    base = base_of(access.workspace)
    corrected_at = f"{base}data/{found.dataset}/enter" if may_correct(access, found.dataset) else ""
    shown = shown_rows(found, request.GET, catalog, today=now, corrected_at=corrected_at)
    every = "the row" if found.total == 1 else f"all {found.total:,} rows"
    return page(
        request,
        "web/pages/rows.html",
        title=f"{label}: rows",
        access=access,
        current="metrics" if wanted.metric else "data",
        crumbs=_crumbs(access, wanted, label),
        view=shown,
        export_words=f"Export {every}",
        files=table_files(f"{base}export-rows", query=shown.export, note=""),
        label=label,
    )


def may_correct(access: Access, dataset: str) -> bool:
    """Return whether somebody may correct a row that they see here: they may change it, and its key is not masked."""
    definition = access.folder.catalog.dataset(dataset)
    return may_enter(access, dataset) and not masked_columns(access, definition) & set(definition.key_columns)


def rows_request(
    request: HttpRequest, access: Access, *, page_size: int = 50, page_number: int | None = None
) -> RowsRequest:
    """Return which rows the address asks for."""
    selection = selected(request, access).selection
    metric, dataset = request.GET.get("metric", ""), request.GET.get("dataset", "")
    if metric:
        access.catalog.metric(metric)
    if dataset:
        access.catalog.dataset(dataset)
    sort, number = request.GET.get("sort", ""), request.GET.get("page", "1")
    return RowsRequest(
        metric=metric or None,
        dataset=dataset or None,
        filters=selection.filters,
        where=request.GET.get("where") or None,
        period=selection.period if metric else "all_time",
        order=Order(sort.lstrip("-"), descending=sort.startswith("-")) if SORT.fullmatch(sort) else None,
        page=page_number or (int(number) if number.isascii() and number.isdigit() else 1),
        page_size=page_size,
    )


def _crumbs(access: Access, wanted: RowsRequest, label: str) -> list[tuple[str, str]]:
    base = f"/w/{access.workspace}/"
    return [(label, f"{base}metrics/{wanted.metric}")] if wanted.metric else [("Data", f"{base}data")]
