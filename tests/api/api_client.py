"""The API as a program calls it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpResponse
from django.test import Client


@dataclass(frozen=True)
class Api:
    """Calls the API as one person; `json` is the parsed body."""

    token: str | None

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self._client().get(f"/api/v1{path}", query, headers=self._headers())  # type: ignore[return-value]  # the test client's response is one

    def post(self, path: str, body: Any = None, **more: Any) -> HttpResponse:
        if body is not None:
            more |= {"data": orjson.dumps(body), "content_type": "application/json"}
        return self._client().post(f"/api/v1{path}", headers=self._headers(), **more)  # type: ignore[return-value]  # the test client's response is one

    def put(self, path: str, body: Any) -> HttpResponse:
        data = {"data": orjson.dumps(body), "content_type": "application/json"}
        return self._client().put(f"/api/v1{path}", headers=self._headers(), **data)  # type: ignore[return-value]  # the test client's response is one

    def delete(self, path: str) -> HttpResponse:
        return self._client().delete(f"/api/v1{path}", headers=self._headers())  # type: ignore[return-value]  # the test client's response is one

    def _client(self) -> Client:
        return Client(raise_request_exception=False)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def body_of(response: HttpResponse) -> Any:
    """Return the parsed body."""
    return orjson.loads(response.content)
