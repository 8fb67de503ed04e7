"""The description of the API is served, and the copy in docs/ is the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_client import Api, body_of
from openapi_document import DOCUMENT, openapi_text


@pytest.fixture
def described(nobody: Api) -> dict[str, Any]:
    response = nobody.get("/openapi.json")
    assert response.status_code == 200
    return dict(body_of(response))


@pytest.mark.req("PLT-9")
def test_the_copy_in_docs_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == openapi_text(), "run: python tests/api/openapi_document.py"


@pytest.mark.req("PLT-9")
def test_the_description_is_served_without_a_token(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.")
    assert described == json.loads(openapi_text())


def test_every_operation_is_named_documented_and_may_answer_a_problem(described: dict[str, Any]) -> None:
    operations = [each for methods in described["paths"].values() for each in methods.values()]
    names = [each["operationId"] for each in operations]
    assert len(names) == len(set(names))
    for operation in operations:
        assert operation["summary"]
        assert operation["description"]
        assert operation["security"]
        told = operation["responses"]["422"]["content"]["application/problem+json"]["schema"]
        assert told == {"$ref": "#/components/schemas/Problem"}


def test_only_reading_is_open_to_sessions(described: dict[str, Any]) -> None:
    for methods in described["paths"].values():
        for method, operation in methods.items():
            kinds = {name for each in operation["security"] for name in each}
            assert kinds == ({"Bearer", "SignedIn"} if method == "get" else {"Bearer"})
