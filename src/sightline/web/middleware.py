"""Errors of the product become pages (or toasts for swaps) with a reference; nothing internal is shown."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from sightline.errors import NotAllowed, NotFound, SightlineError, UserError
from sightline.web.views.problems import problem_page

logger = logging.getLogger(__name__)


class Problems:
    """Turns what views raise into 400, 403, 404 and 500 pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page of an error of ours; Django handles its own. The API has its own problem documents."""
        if not isinstance(error, SightlineError) or request.path.startswith("/api/"):
            return None
        if isinstance(error, NotAllowed):
            return problem_page(request, 403, message=error.message, hint=error.hint)
        if isinstance(error, NotFound):
            return problem_page(request, 404, hint="")
        if isinstance(error, UserError):
            return problem_page(request, 400, message=error.message, hint=error.hint)
        reference = secrets.token_hex(3).upper()
        logger.error("reference %s on %s", reference, request.path, exc_info=error)
        return problem_page(request, 503 if not error.permanent else 500, reference=reference)
