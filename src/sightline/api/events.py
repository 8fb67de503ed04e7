"""Taking events in: from a request to its receipt. Called by the router, and past Django's middleware by the server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from http import HTTPStatus

import orjson
from django.http import HttpRequest, HttpResponse

from sightline.api.auth import request_time
from sightline.api.errors import TooManyRequests, response_to
from sightline.api.limits import Limits
from sightline.ingest.events.body import MOST_BYTES, EventsTooLarge, content_of
from sightline.ingest.events.door import Sent, recognise
from sightline.ingest.events.receive import keep
from sightline.ingest.events.remote_write import written
from sightline.ingest.events.signature import HUB_SIGNATURE, SIGNATURE

EVENT_LIMITS = Limits(per_second=5_000, burst=20_000)
"""Requests per source and web process: a sender gone wild is slowed down before the disk is full."""

HEADERS = {
    "content-type": "CONTENT_TYPE",
    **{
        name: f"HTTP_{name.upper().replace('-', '_')}"
        for name in ("authorization", "content-encoding", "idempotency-key", SIGNATURE, HUB_SIGNATURE)
    },
}
"""Where WSGI keeps the headers that count here."""

Taking = Callable[[HttpRequest, str, str], HttpResponse]


def with_answers(taking: Taking) -> Taking:
    """Return the function with its errors as problem documents."""

    @wraps(taking)
    def answered(request: HttpRequest, workspace: str, source: str) -> HttpResponse:
        try:
            return taking(request, workspace, source)
        except Exception as error:  # noqa: BLE001 - response_to logs it, and tells the caller what it may know
            return response_to(request, error)

    return answered


@with_answers
def take_events(request: HttpRequest, workspace: str, source: str) -> HttpResponse:
    """Return the receipt of events that are on disk."""
    now = request_time()
    sent = _sent(request, workspace, source)
    target = _recognised(sent, now, takes_password=False)
    content = content_of(sent.body, content_type=sent.header("content-type"), encoding=sent.header("content-encoding"))
    receipt = keep(content, source=target, key=sent.header("idempotency-key"), now=now)
    answer = orjson.dumps({"accepted": receipt.accepted, "id": receipt.id})
    return HttpResponse(answer, status=HTTPStatus.ACCEPTED, content_type="application/json; charset=utf-8")


@with_answers
def take_remote_write(request: HttpRequest, workspace: str, source: str) -> HttpResponse:
    """Return 204 for a remote write that is on disk; 400 when some of its samples broke the protocol."""
    now = request_time()
    sent = _sent(request, workspace, source)
    target = _recognised(sent, now, takes_password=True)
    content, write = written(
        sent.body, content_type=sent.header("content-type"), encoding=sent.header("content-encoding")
    )
    if content.records:  # Prometheus also sends requests with descriptions only; they come again with every minute
        keep(content, source=target, key="", now=now)
    write.require_sound()
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _sent(request: HttpRequest, workspace: str, source: str) -> Sent:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > MOST_BYTES:
        raise EventsTooLarge(
            f"the body has {int(length):,} bytes, {MOST_BYTES:,} are taken", hint="send the events in several requests"
        )
    meta = request.META
    headers = {name: meta[key] for name, key in HEADERS.items() if key in meta}
    return Sent(workspace, source, headers, request.body)


def _recognised(sent: Sent, now: datetime, *, takes_password: bool) -> int:
    target = recognise(sent, now=now, takes_password=takes_password)
    try:
        EVENT_LIMITS.spend(f"source {target}")
    except TooManyRequests as error:
        raise TooManyRequests(
            error.message, retry_after=error.retry_after, hint="send several events in one request, up to 10,000"
        ) from None
    return target
