"""Asking for numbers."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from sightline.accounts.access import Access
from sightline.api.auth import Bearer, access_to, note_access, request_time
from sightline.api.paths import Workspace, require_known
from sightline.api.responses import json_response
from sightline.api.schemas.answer import AnswerBody
from sightline.api.schemas.problem import PROBLEMS
from sightline.api.schemas.question import QuestionBody, QuestionText
from sightline.definitions.catalog import did_you_mean
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.document import answer_document
from sightline.metrics.question import Question, QuestionError
from sightline.metrics.warehouse import warehouse_of

router = Router(tags=["query"])


@router.get(
    "/query",
    response={200: AnswerBody, **PROBLEMS},
    operation_id="query",
    summary="Ask, with the question in the address",
)
def query(request: HttpRequest, workspace: Workspace, text: Annotated[QuestionText, Query()]) -> HttpResponse:
    """The words of `sightline query`: lists are separated by commas, `-name` in `order` is descending."""
    require_known(request, QuestionText)
    access = access_to(request, workspace)
    answer = answered(access, request, text.question())
    return json_response(answer_document(answer, with_sql=text.explain))


@router.post(
    "/query",
    response={200: AnswerBody, **PROBLEMS},
    operation_id="query_json",
    summary="Ask, with the question as JSON",
    auth=Bearer(),
)
def query_json(request: HttpRequest, workspace: Workspace, body: QuestionBody) -> HttpResponse:
    """The same as GET, for questions that do not fit an address."""
    access = access_to(request, workspace)
    return json_response(answer_document(answered(access, request, body.question()), with_sql=body.explain))


def answered(access: Access, request: HttpRequest, question: Question) -> Answer:
    """Return the answer as the caller may know it, and note that it was looked at."""
    for name in question.metrics:
        if name not in access.catalog.metrics:  # one of a pack they see nothing of is as unknown as one that is not
            raise QuestionError(f'unknown metric "{name}"', hint=did_you_mean(name, access.catalog.metrics))
    answer = ask(question, access.viewer, warehouse=warehouse_of(access.folder), now=request_time())
    note_access(access, request, verb="asked", thing=", ".join(question.metrics))
    return answer
