"""Metrics for Prometheus to scrape."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from sightline.api.auth import access_to, note_access, request_time
from sightline.api.paths import Workspace, require_known
from sightline.api.schemas.problem import PROBLEMS
from sightline.exports.exposition import exposition
from sightline.metrics.warehouse import warehouse_of

router = Router(tags=["prometheus"])
TEXT = {"schema": {"type": "string"}}
FORMATS = {"text/plain": TEXT, "application/openmetrics-text": TEXT}


class ScrapeParameters(Schema):
    """What a scrape may leave out."""

    dashboards: bool = Field(default=True, description="Also the figures that dashboards show: `<name>_by`.")


@router.get(
    "/prometheus/metrics",
    response=PROBLEMS,
    operation_id="prometheus_metrics",
    summary="The metrics, as Prometheus scrapes them",
    openapi_extra={"responses": {200: {"description": "OK", "content": FORMATS}}},
)
def prometheus_metrics(
    request: HttpRequest, workspace: Workspace, wanted: Annotated[ScrapeParameters, Query()]
) -> HttpResponse:
    """Every published metric under its exported name, as the token's person may see it: text 0.0.4 or OpenMetrics.

    What has no value, rests on too few cases or has not matured is left out; `sightline_export_left_out` counts it.
    """
    require_known(request, ScrapeParameters)
    access = access_to(request, workspace)
    made = exposition(
        access.viewer,
        warehouse=warehouse_of(access.folder),
        now=request_time(),
        accept=request.headers.get("accept", ""),
        dashboards=wanted.dashboards,
    )
    if made.is_new:  # a scrape a minute of the same figures is not news
        note_access(access, request, verb="scraped", thing="metrics")
    response = HttpResponse(made.content, content_type=made.content_type)
    response["Vary"] = "Accept"
    return response
