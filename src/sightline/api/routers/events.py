"""Events that other systems send, and those of them that could not be stored."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Status

from sightline.api.auth import Bearer, access_to, note_access, request_time
from sightline.api.events import take_events, take_remote_write
from sightline.api.paths import Workspace
from sightline.api.schemas.events import DeadLetterBody, DeadLettersBody, DiscardBody, EventsReceipt, ReplayedBody
from sightline.api.schemas.problem import PROBLEMS, Problem
from sightline.ingest.events import dead_letters

router = Router(tags=["events"])

SourceName = Annotated[str, Path(description="Name of a source whose type is `webhook`.")]
REFUSALS: dict[Any, Any] = {**PROBLEMS, 415: Problem}
BY_TOKEN: list[dict[str, list[str]]] = [{"Bearer": []}]
"""Signatures and passwords are described in words: the format of descriptions has no word for them."""
ANY_JSON = {
    "oneOf": [
        {"type": "object", "description": 'One record, or {"events": [records]}.'},
        {"type": "array", "items": {"type": "object"}},
    ]
}


@router.post(
    "/events/{source}",
    response={202: EventsReceipt, **REFUSALS},
    operation_id="send_events",
    summary="Send events to a source",
    auth=None,
    openapi_extra={
        "security": BY_TOKEN,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": ANY_JSON},
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        },
        "parameters": [
            {
                "in": "header",
                "name": "Sightline-Signature",
                "schema": {"type": "string"},
                "description": "`t=<unix seconds>,v1=<HMAC-SHA256 of `<t>.` and the body, in hex>`; or an API token.",
            },
            {
                "in": "header",
                "name": "Idempotency-Key",
                "schema": {"type": "string", "maxLength": 200},
                "description": "The same key with the same body is stored once.",
            },
        ],
    },
)
def send_events(request: HttpRequest, workspace: Workspace, source: SourceName) -> HttpResponse:
    """Answers when the events are on disk. Signed with the source's secret, or with an API token that may import.

    Not under the limit of other requests: a source may send 5,000 requests a second. See docs/webhooks.md.
    """
    return take_events(request, workspace, source)


@router.post(
    "/events/{source}/prometheus",
    response={204: None, **REFUSALS},
    operation_id="remote_write",
    summary="Prometheus remote write 1.0",
    auth=None,
    openapi_extra={
        "security": BY_TOKEN,
        "requestBody": {
            "required": True,
            "content": {"application/x-protobuf": {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
def remote_write(request: HttpRequest, workspace: Workspace, source: SourceName) -> HttpResponse:
    """Answers when the samples are on disk. An API token, or basic authentication with the signing secret."""
    return take_remote_write(request, workspace, source)


@router.get(
    "/sources/{source}/dead-letters",
    response={200: DeadLettersBody, **PROBLEMS},
    operation_id="dead_letters",
    summary="List what could not be stored",
)
def list_dead_letters(
    request: HttpRequest,
    workspace: Workspace,
    source: SourceName,
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: Annotated[int, Query(ge=1, le=200)] = dead_letters.PAGE_SIZE,
) -> DeadLettersBody:
    """Newest first, without bodies."""
    access = access_to(request, workspace, permission="see_quarantine")
    found = dead_letters.dead_letters(access=access, source=source, page=page, page_size=page_size)
    return DeadLettersBody.model_validate(found, from_attributes=True)


@router.post(
    "/sources/{source}/dead-letters/replay",
    response={202: ReplayedBody, **PROBLEMS},
    operation_id="replay_dead_letters",
    summary="Try again to store all of them",
    auth=Bearer(),
)
def replay_dead_letters(request: HttpRequest, workspace: Workspace, source: SourceName) -> Status[ReplayedBody]:
    """After an outage, or once a map is mended."""
    access = access_to(request, workspace, permission="import_data")
    number = dead_letters.replay_all(access=access, source=source, now=request_time())
    return Status(202, ReplayedBody(replayed=number))


@router.get(
    "/sources/{source}/dead-letters/{letter}",
    response={200: DeadLetterBody, **PROBLEMS},
    operation_id="dead_letter",
    summary="Show one with its body",
)
def show_dead_letter(request: HttpRequest, workspace: Workspace, source: SourceName, letter: int) -> DeadLetterBody:
    """For those who may see every row of the source's datasets, with no personal data masked."""
    access = access_to(request, workspace, permission="see_quarantine")
    found = dead_letters.dead_letter(access=access, source=source, letter=letter)
    note_access(access, request, verb="dead letter seen", thing=f"{source} {letter}")
    return DeadLetterBody.model_validate(found, from_attributes=True)


@router.post(
    "/sources/{source}/dead-letters/{letter}/replay",
    response={202: None, **PROBLEMS},
    operation_id="replay_dead_letter",
    summary="Try again to store one",
    auth=Bearer(),
)
def replay_dead_letter(request: HttpRequest, workspace: Workspace, source: SourceName, letter: int) -> Status[None]:
    """It goes back to those that wait. What of it was stored before is not stored again."""
    access = access_to(request, workspace, permission="import_data")
    dead_letters.replay(access=access, source=source, letter=letter, now=request_time())
    return Status(202, None)


@router.post(
    "/sources/{source}/dead-letters/{letter}/discard",
    response={204: None, **PROBLEMS},
    operation_id="discard_dead_letter",
    summary="Let go of one for good",
    auth=Bearer(),
)
def discard_dead_letter(
    request: HttpRequest, workspace: Workspace, source: SourceName, letter: int, body: DiscardBody
) -> Status[None]:
    """The reason is kept in the audit log."""
    access = access_to(request, workspace, permission="import_data")
    dead_letters.discard(access=access, source=source, letter=letter, reason=body.reason, now=request_time())
    return Status(204, None)
