"""The rows behind a number, and the rows of a dataset."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from sightline.api.auth import access_to, note_access, request_time
from sightline.api.paths import Workspace, require_known
from sightline.api.responses import json_response
from sightline.api.schemas.problem import PROBLEMS
from sightline.api.schemas.rows import MetricRowsText, RowsBody, RowsText
from sightline.metrics.document import rows_document
from sightline.metrics.rows import RowsRequest, rows_behind
from sightline.metrics.warehouse import warehouse_of

router = Router(tags=["rows"])


@router.get(
    "/metrics/{metric}/rows",
    response={200: RowsBody, **PROBLEMS},
    operation_id="metric_rows",
    summary="List the rows that a metric counts",
)
def metric_rows(
    request: HttpRequest, workspace: Workspace, metric: str, text: Annotated[MetricRowsText, Query()]
) -> HttpResponse:
    """Page by page, in the period and under the condition; the newest first unless ordered otherwise."""
    require_known(request, MetricRowsText)
    return _page(request, workspace, text.request(metric=metric, period=text.period))


@router.get(
    "/datasets/{dataset}/rows",
    response={200: RowsBody, **PROBLEMS},
    operation_id="dataset_rows",
    summary="List the rows of a dataset",
)
def dataset_rows(
    request: HttpRequest, workspace: Workspace, dataset: str, text: Annotated[RowsText, Query()]
) -> HttpResponse:
    """Page by page; only rows that the caller may see, personal data as the caller may see it."""
    require_known(request, RowsText)
    return _page(request, workspace, text.request(dataset=dataset))


def _page(request: HttpRequest, workspace: str, wanted: RowsRequest) -> HttpResponse:
    access = access_to(request, workspace, permission="see_rows")
    if wanted.metric:
        access.catalog.metric(wanted.metric)
    elif wanted.dataset:
        access.catalog.dataset(wanted.dataset)
    page = rows_behind(wanted, access.viewer, warehouse=warehouse_of(access.folder), now=request_time())
    note_access(access, request, verb="rows_seen", thing=wanted.metric or page.dataset)
    return json_response(rows_document(page))
