"""Events go past Django's middleware and routing, which take longer than storing one.

None of it is needed there: there is no session, no form, no page and no static file. What protects is kept: the check
of the host, the limit of the body's size, who may send, and the headers of answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse

from sightline.api.errors import response_to
from sightline.api.events import take_events, take_remote_write
from sightline.config.middleware import HEADERS
from sightline.errors import UserError

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

ADDRESS = re.compile(r"/api/v1/workspaces/([^/]+)/events/([^/]+)(/prometheus)?")
ANSWER_HEADERS = {**HEADERS, "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache"}


def events_first(application: Application) -> Application:
    """Return the application with events taken in before it."""

    def serve(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        found = ADDRESS.fullmatch(path) if environ["REQUEST_METHOD"] == "POST" and "/events/" in path else None
        if found is None:
            return application(environ, start_response)
        close_old_connections()  # those that broke or are too old, as Django does before every request
        response = _answer(WSGIRequest(environ), *found.groups())
        for name, value in ANSWER_HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]

    return serve


def _answer(request: HttpRequest, workspace: str, source: str, prometheus: str | None) -> HttpResponse:
    try:
        request.get_host()
    except DisallowedHost:
        return response_to(request, UserError("this host is not served here", hint="see the option allowed_hosts"))
    return (take_remote_write if prometheus else take_events)(request, workspace, source)
