"""What holds for every response and every session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

# data: is for the small icons in style sheets
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TOUCH_EVERY_SECONDS = 300
"""How often a session in use is written back: writing on every request would cost more than most requests."""

Respond = Callable[[HttpRequest], HttpResponse]


class SecurityHeaders:
    """Adds the headers that Django itself does not send; pages of signed-in people are never kept by shared caches."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith(settings.STATIC_URL or "/static/"):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


class NoNul:
    """Refuses addresses and forms with the character NUL: nobody types it, and PostgreSQL keeps no text that has it."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", "") or _form_has_nul(request):
            raise BadRequest("the character NUL")
        return self.get_response(request)


def _form_has_nul(request: HttpRequest) -> bool:
    """Look into plain forms only: files may have any byte, and the API checks what it reads."""
    return request.content_type == "application/x-www-form-urlencoded" and b"%00" in request.body


class SessionAge:
    """Ends a session after a time without requests, and a fixed time after signing in."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        if session.get("_auth_user_id") is not None:
            now = datetime.now(UTC).timestamp()
            started, seen = session.get("started_at", now), session.get("seen_at", now)
            if now - started > settings.SIGHTLINE.session_days * 86_400 or now - seen > settings.SESSION_COOKIE_AGE:
                session.flush()
            elif "seen_at" not in session or now - seen > TOUCH_EVERY_SECONDS:
                session["started_at"], session["seen_at"] = started, now
        return self.get_response(request)
