"""JSON responses, written once and without a second validation: answers can have many rows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja.renderers import BaseRenderer

from sightline.metrics.document import to_json


class JsonRenderer(BaseRenderer):
    """Writes small results that Ninja validates."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002 (Ninja's signature)
        return to_json(data)


def json_response(document: Any) -> HttpResponse:
    """Return the document as it is; tests hold it to the documented shape."""
    return HttpResponse(to_json(document), content_type="application/json; charset=utf-8")
