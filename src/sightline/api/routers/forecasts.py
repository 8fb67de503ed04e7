"""What a metric will be, with intervals."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from sightline.api.auth import access_to, note_access, request_time
from sightline.api.paths import Workspace, require_known
from sightline.api.responses import json_response
from sightline.api.schemas.forecast import ForecastBody, ForecastText
from sightline.api.schemas.problem import PROBLEMS
from sightline.metrics.forecast import forecast, usual_grain, usual_periods
from sightline.metrics.forecast_document import forecast_document
from sightline.metrics.warehouse import warehouse_of

router = Router(tags=["metrics"])


@router.get(
    "/metrics/{metric}/forecast",
    response={200: ForecastBody, **PROBLEMS},
    operation_id="metric_forecast",
    summary="Forecast a metric",
)
def metric_forecast(
    request: HttpRequest, workspace: Workspace, metric: str, text: Annotated[ForecastText, Query()]
) -> HttpResponse:
    """Learned from whole buckets that the data reaches and whose cohorts are final, of rows the caller may see."""
    require_known(request, ForecastText)
    access = access_to(request, workspace)
    definition = access.catalog.metric(metric)
    question = text.question(metric, usual=usual_grain(definition))
    found = forecast(
        question,
        access.viewer,
        warehouse=warehouse_of(access.folder),
        now=request_time(),
        periods=usual_periods(question, text.periods),
    )
    note_access(access, request, verb="asked", thing=metric)
    return json_response(forecast_document(found))
