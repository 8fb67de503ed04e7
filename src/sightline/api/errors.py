"""Every error of the API has one shape: an RFC 9457 problem document with a stable code and the next step."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from sightline.accounts.access import NotSignedIn
from sightline.accounts.tokens import TokenRefused
from sightline.engines.base import QueryTooLong
from sightline.errors import Conflict, InternalError, NotAllowed, NotFound, SightlineError, UserError
from sightline.ingest.events.body import EventsTooLarge, UnknownEncoding
from sightline.ingest.events.receive import CannotKeep
from sightline.metrics.document import to_json
from sightline.sources.base import SourceUnavailable
from sightline.sources.prometheus.remote_write import WriteEncodingUnknown, WriteTooLarge

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
View = Callable[..., HttpResponseBase]
TYPE_PREFIX = "urn:sightline:problem:"


class InvalidRequest(UserError):
    """The request's parameters or body do not have the documented shape."""

    code = "SL-E103"


class TooLarge(UserError):
    """The upload is larger than the installation accepts."""

    code = "SL-E106"


class TooManyRequests(UserError):
    """The token or member asked too often. `retry_after` is in whole seconds."""

    code = "SL-E104"
    permanent = False

    def __init__(self, message: str, *, retry_after: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


STATUS: Mapping[type[SightlineError], HTTPStatus] = {  # the nearest class in the error's family decides
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    TokenRefused: HTTPStatus.UNAUTHORIZED,
    InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    EventsTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    WriteTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnknownEncoding: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    WriteEncodingUnknown: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    CannotKeep: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    QueryTooLong: HTTPStatus.SERVICE_UNAVAILABLE,
    SourceUnavailable: HTTPStatus.BAD_GATEWAY,
    UserError: HTTPStatus.BAD_REQUEST,
    InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
    SightlineError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


def install(api: NinjaAPI) -> None:
    """Answer every exception of this API with a problem document."""
    api.add_exception_handler(SightlineError, _sightline_error)
    api.add_exception_handler(ValidationError, _validation_error)
    api.add_exception_handler(AuthenticationError, _not_signed_in)
    api.add_exception_handler(Http404, _no_such_address)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(Exception, _unexpected)


def problem(
    request: HttpRequest,
    *,
    status: HTTPStatus,
    code: str,
    detail: str,
    hint: str = "",
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Return the problem document as a response."""
    document = {
        "type": TYPE_PREFIX + code,
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
        "instance": request.path,
        "hint": hint,
        **(more or {}),
    }
    return HttpResponse(to_json(document), status=int(status), content_type=CONTENT_TYPE)


def response_to(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the answer to an error that was raised outside of Ninja's views."""
    return _sightline_error(request, error) if isinstance(error, SightlineError) else _unexpected(request, error)


def status_of(error: SightlineError) -> HTTPStatus:
    """Return the HTTP status of an error: that of the nearest class in its family."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def _sightline_error(request: HttpRequest, error: Any) -> HttpResponse:
    status = status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, UserError | SourceUnavailable):
        return _unexpected(request, error)
    response = problem(request, status=status, code=error.code, detail=error.message, hint=error.hint)
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "1"
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _validation_error(request: HttpRequest, error: Any) -> HttpResponse:
    fields = [
        {"field": ".".join(str(part) for part in e["loc"][1:]), "in": e["loc"][0], "message": e["msg"]}
        for e in error.errors
    ]
    names = ", ".join(dict.fromkeys(str(field["field"]) for field in fields))
    return problem(
        request,
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        code=InvalidRequest.code,
        detail=f"the request is not as documented: {names}",
        hint="see errors, and /api/v1/openapi.json for the expected shape",
        more={"errors": fields},
    )


def _not_signed_in(request: HttpRequest, _: Any) -> HttpResponse:
    return _sightline_error(
        request,
        NotSignedIn(
            "No valid API token was sent.",
            hint="send `Authorization: Bearer <token>`; make a token with `sightline token add` or on the account page",
        ),
    )


def _no_such_address(request: HttpRequest, _: Any) -> HttpResponse:
    return _sightline_error(request, NotFound("no such address", hint="see /api/v1/openapi.json"))


def unknown_address(request: HttpRequest) -> HttpResponse:
    """Answer every address under the API that is none of its own."""
    return _no_such_address(request, None)


def with_problems(view: View) -> View:
    """Return the view with what Ninja answers or raises past its error handlers turned into a problem document."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            return unknown_address(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        allowed = ", ".join(sorted(response.headers["Allow"].split(", ")))
        status = HTTPStatus.METHOD_NOT_ALLOWED
        told = problem(
            request, status=status, code=UserError.code, detail=f"no {request.method} here", hint=f"allowed: {allowed}"
        )
        told.headers["Allow"] = allowed
        return told

    return answered


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(request, status=HTTPStatus(error.status_code), code=UserError.code, detail=str(error))


def _unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    """Say nothing of the cause but a reference, under which it stands in the log."""
    reference = secrets.token_hex(4)
    log.error("API error %s at %s %s", reference, request.method, request.path, exc_info=error)
    return problem(
        request,
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        code=InternalError.code,
        detail=f"something went wrong here; it is logged as {reference}",
        hint="try again; if it stays, tell an administrator the reference",
    )
