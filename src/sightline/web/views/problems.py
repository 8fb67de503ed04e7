"""The pages of what went wrong: what happened, what was kept, what to do."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sightline.web.appearance import appearance_of

logger = logging.getLogger(__name__)

WORDS = {
    400: ("This request cannot be answered", "The address or the form has something that Sightline cannot use."),
    403: (
        "You may not open this",
        "Your role in this workspace does not include it. Whoever manages members can change that.",
    ),
    404: ("There is nothing here", "The address may be mistyped, or the page is not yours to see."),
    500: (
        "Something broke on our side",
        "Nothing was changed. Try again; if it stays, give the reference to whoever runs Sightline.",
    ),
    503: ("Somebody else changed this first", "Nothing was lost. Try again in a moment."),
}


def problem_page(
    request: HttpRequest, status: int, *, message: str = "", hint: str = "", reference: str = ""
) -> HttpResponse:
    """Return the page (or, for a swap, one line) of a problem."""
    title, text = WORDS[status]
    context: dict[str, Any] = {
        "title": title,
        "product": "Sightline",
        "appearance": appearance_of(request),
        "status": status,
        "text": message or text,
        "hint": hint,
        "reference": reference,
    }
    template = "web/pages/problem.html"
    if request.headers.get("HX-Request"):
        template = "web/parts/problem_fragment.html"
    response = render(request, template, context, status=status)
    if reference:
        response["X-Reference"] = reference
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django hands it over
    """Return the 400 page."""
    return problem_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django hands it over
    """Return the 403 page."""
    return problem_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django hands it over
    """Return the 404 page."""
    return problem_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the 500 page with a reference that the log has too."""
    reference = secrets.token_hex(3).upper()
    logger.error("reference %s on %s", reference, request.path)
    return problem_page(request, 500, reference=reference)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django hands it over
    """Return the page of a form that was open too long, or came from elsewhere."""
    return problem_page(
        request,
        403,
        message="This form was open too long, or did not come from Sightline.",
        hint="Go back, reload the page and send it again.",
    )
