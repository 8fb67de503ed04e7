"""Whatever goes wrong, the answer is a problem document that says what, and what next."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus

import pytest
from api_client import Api, body_of

from sightline.api.errors import status_of
from sightline.api.routers import query
from sightline.api.schemas.problem import Problem
from sightline.errors import Conflict, InternalError, NotFound, SightlineError, UserError
from sightline.metrics.question import QuestionError

QUERY = "/workspaces/demo/query"


@pytest.mark.req("PLT-9")
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/nothing/here", 404, "SL-E004"),
        ("/", 404, "SL-E004"),
        ("/me/", 404, "SL-E004"),
        ("/workspaces/nowhere/metrics", 404, "SL-E004"),
        ("/workspaces/demo/metrics/leeds", 404, "SL-E010"),
        ("/workspaces/demo/dashboards/benhc", 404, "SL-E010"),
        ("/workspaces/demo/datasets/lead", 404, "SL-E010"),
        (f"{QUERY}?metrics=leeds", 400, "SL-E020"),
        (f"{QUERY}?metrics=leads&grain=decade", 400, "SL-E020"),
        (f"{QUERY}?metrics=leads&compare=before", 400, "SL-E020"),
        (f"{QUERY}?metrics=,", 400, "SL-E020"),
        (QUERY, 422, "SL-E103"),
        (f"{QUERY}?metrics=leads&limit=0", 422, "SL-E103"),
        (f"{QUERY}?metrics=leads&metric=x", 422, "SL-E103"),
    ],
)
def test_a_wrong_request_is_explained(as_: Callable[..., Api], path: str, status: int, code: str) -> None:
    response = as_("owner").get(path)
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    body = body_of(response)
    Problem.model_validate(body)
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:sightline:problem:{code}")
    assert body["instance"].startswith("/api/v1/")
    assert body["title"] == HTTPStatus(status).phrase
    assert body["detail"]


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        (f"{QUERY}?metrics=leeds", 'did you mean "leads"?'),
        (f"{QUERY}?metrics=leads&by=sorce", 'did you mean "source"?'),
        ("/workspaces/demo/metrics/win_rat", 'did you mean "win_rate"?'),
    ],
)
def test_a_misspelt_name_gets_a_suggestion(as_: Callable[..., Api], path: str, hint: str) -> None:
    assert hint in body_of(as_("owner").get(path))["hint"]


@pytest.mark.req("PLT-9")
def test_every_invalid_field_is_listed(as_: Callable[..., Api]) -> None:
    asked = {"metrics": [], "limit": 0, "colour": "red", "filters": [{"dimension": "source"}]}
    body = body_of(as_("owner").post(QUERY, asked))
    assert {each["field"] for each in body["errors"]} == {
        "body.metrics",
        "body.limit",
        "body.colour",
        "body.filters.0.values",
    }


def test_a_body_that_is_not_json_is_a_problem(as_: Callable[..., Api]) -> None:
    response = as_("owner").post(QUERY, data=b"{", content_type="application/json")
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"


def test_a_method_that_is_not_there_is_a_problem(as_: Callable[..., Api]) -> None:
    response = as_("owner").post("/me", {})
    assert response.status_code == 405
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Allow"] == "GET"


def test_an_unexpected_error_gives_a_reference_and_no_details(
    as_: Callable[..., Api], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the secret cause")

    monkeypatch.setattr(query, "ask", broken)
    with caplog.at_level(logging.ERROR):
        response = as_("owner").get(QUERY, metrics="leads")
    assert response.status_code == 500
    assert b"secret" not in response.content
    reference = body_of(response)["detail"].rsplit(" ", 1)[-1]
    assert reference in caplog.text
    assert "the secret cause" in caplog.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (QuestionError("x"), 400),
        (UserError("x"), 400),
        (NotFound("x"), 404),
        (Conflict("x"), 409),
        (InternalError("x"), 500),
        (SightlineError("x"), 500),
    ],
)
def test_the_nearest_class_decides_the_status(error: SightlineError, status: int) -> None:
    assert status_of(error) == status
