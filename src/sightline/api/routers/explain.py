"""How a number came to be."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from sightline.api.auth import access_to
from sightline.api.paths import Workspace, require_known
from sightline.api.responses import json_response
from sightline.api.routers.query import answered
from sightline.api.schemas.answer import ExplanationBody
from sightline.api.schemas.problem import PROBLEMS
from sightline.api.schemas.question import ExplainText
from sightline.errors import UserError
from sightline.metrics.document import explanation_document

router = Router(tags=["query"])


class NoSuchRow(UserError):
    """The answer has fewer rows than the one to be explained."""

    code = "SL-E105"


@router.get(
    "/explain",
    response={200: ExplanationBody, **PROBLEMS},
    operation_id="explain",
    summary="Explain one number of an answer",
)
def explain(request: HttpRequest, workspace: Workspace, text: Annotated[ExplainText, Query()]) -> HttpResponse:
    """The question as for `query`; `metric` is the first one asked unless said otherwise, `row` counts from 0."""
    require_known(request, ExplainText)
    question = text.question()
    answer = answered(access_to(request, workspace), request, question)
    if text.row >= answer.n_rows:
        raise NoSuchRow(f"the answer has {answer.n_rows} rows, there is no row {text.row}", hint="rows count from 0")
    return json_response(explanation_document(answer.explain(text.metric or question.metrics[0], row=text.row)))
