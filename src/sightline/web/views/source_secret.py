"""The signing secret of a source that sends to us: made here, shown once, changed with both in force for a while."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from sightline.accounts.access import Access
from sightline.definitions.schema.base import label_of
from sightline.errors import NotFound, SightlineError
from sightline.ingest.actions.save_source import save_source
from sightline.ingest.connections import secrets_of, source_named, spec_of
from sightline.ingest.events.door import PREVIOUS, SECRET
from sightline.ingest.models import Source
from sightline.ingest.spec import PUSHED
from sightline.web.guards import member
from sightline.web.page import page
from sightline.web.shell import base_of

BYTES = 32


@require_http_methods(["GET", "POST"])
@member("manage_sources")
def show(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """Return where events are sent to and how they are signed; a form makes the secret, or a new one."""
    source = source_named(access.workspace, name)
    if source.kind != PUSHED:
        raise NotFound(f'source "{name}" is read, nothing is sent to it')
    made, problem = "", None
    if request.method == "POST":
        try:
            made = _made(access, source)
        except SightlineError as error:
            problem = error
    label = source.spec.get("label") or label_of(name)
    base = base_of(access.workspace)
    response = page(
        request,
        "web/pages/source_secret.html",
        title="Sending events",
        access=access,
        current="sources",
        crumbs=(("Data sources", f"{base}data/sources"), (label, f"{base}data/sources/{name}")),
        source=source,
        label=label,
        made=made,
        has_secret=source.secrets.filter(field=SECRET).exists(),
        has_previous=source.secrets.filter(field=PREVIOUS).exists(),
        address=address_of_events(request, access.workspace, name),
        streams=list(source.spec["streams"]),
        problem=problem,
        status=400 if problem else 200,
    )
    if made:
        response["Cache-Control"] = "no-store"
    return response


def address_of_events(request: HttpRequest, workspace: str, source: str) -> str:
    """Return the address that a source's events are sent to."""
    root = settings.SIGHTLINE.url or request.build_absolute_uri("/")
    return f"{root.rstrip('/')}/api/v1/workspaces/{workspace}/events/{source}"


def _made(access: Access, source: Source) -> str:
    """Return a new signing secret; the one before stays in force until the next change."""
    made = secrets.token_urlsafe(BYTES)
    before = secrets_of(source).get(SECRET)
    kept = {PREVIOUS: before} if before else {}
    save_source(
        access=access,
        spec=spec_of(source),
        secrets={SECRET: made, **kept},
        now=timezone.now(),
        reason="New signing secret",
    )
    return made
