"""Archiving: a member leaves the lists to choose from and its history stays; the archived ones, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from sightline.accounts.access import Access
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import NotFound, UserError
from sightline.ingest.actions.archive_member import home_of_members, set_archived
from sightline.ingest.models import ManualEntry
from sightline.ingest.own_rows import may_archive
from sightline.metrics.members import Member, members
from sightline.metrics.warehouse import warehouse_of
from sightline.web.guards import member
from sightline.web.managed import archive_address
from sightline.web.page import fragment, page
from sightline.web.shell import base_of

MOST = 1_000


@dataclass(frozen=True)
class ArchivedLine:
    """An archived member; who archived it, when and why is empty when a source did."""

    label: str
    kind: str
    href: str
    restore_href: str
    entry: ManualEntry | None


@dataclass(frozen=True)
class Asked:
    """The member that is to be archived or restored."""

    entity: str
    member: Member
    archived: bool


@require_http_methods(["GET", "POST"])
@member("edit_data")
def ask(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the question before a member is archived or restored; answered, do it and go to its page."""
    sent = request.POST if request.method == "POST" else request.GET
    asked = _asked(access, sent)
    problem: UserError | None = None
    if request.method == "POST":
        try:
            return _done(request, access, asked)
        except UserError as error:
            problem = error
    context: dict[str, Any] = {
        "asked": asked,
        "kind": label_of(asked.entity).lower(),
        "reason": sent.get("reason", ""),
        "problem": problem,
        "address": f"{base_of(access.workspace)}data/archive",
        "back": _page_of(access, asked.entity, asked.member.key or ""),
    }
    if request.headers.get("HX-Request"):
        return fragment(request, "web/parts/archive.html", access=access, **context)
    return page(
        request,
        "web/pages/archive.html",
        title=asked.member.label,
        access=access,
        current="data",
        crumbs=(("Data", f"{base_of(access.workspace)}data"),),
        status=400 if problem else 200,
        **context,
    )


@require_GET
@member("edit_data")
def archived(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the members that are archived, with the way back."""
    kinds = [
        (dataset.primary[0], dataset)
        for dataset in access.folder.catalog.datasets.values()
        if dataset.primary and dataset.archived and may_archive(access, dataset.name)
    ]
    lines = [line for entity, dataset in kinds for line in _lines(access, entity, dataset)]
    return page(
        request,
        "web/pages/archived.html",
        title="Archived",
        access=access,
        current="data",
        crumbs=(("Datasets", f"{base_of(access.workspace)}data"),),
        lines=lines,
        kinds=[label_of(entity).lower() for entity, _ in kinds],
    )


def _asked(access: Access, sent: Mapping[str, str]) -> Asked:
    """Return what is asked for. Raises NotFound for a member that does not exist, or that can not be archived."""
    entity, key, to_be = sent.get("entity", ""), sent.get("key", ""), sent.get("archived") == "1"
    dataset = home_of_members(access.folder.catalog, entity)
    if dataset is None or not dataset.archived or not may_archive(access, dataset.name):
        raise NotFound(f'there is no entity "{entity}" whose members can be archived')
    for is_archived in (not to_be, to_be):
        found = members(
            entity, access.viewer, warehouse=warehouse_of(access.folder), limit=MOST * 100, archived=is_archived
        )
        chosen = next((each for each in found if each.key == key), None)
        if chosen is not None:
            return Asked(entity, chosen, to_be)
    raise NotFound(f'there is no {entity} "{key}"')


def _done(request: HttpRequest, access: Access, asked: Asked) -> HttpResponse:
    key = asked.member.key or ""
    set_archived(
        access=access,
        entity=asked.entity,
        key=key,
        archived=asked.archived,
        reason=request.POST.get("reason", ""),
        now=timezone.now(),
    )
    messages.success(request, f"{asked.member.label} was {'archived' if asked.archived else 'restored'}")
    target = _page_of(access, asked.entity, key)
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = target
        return response
    return HttpResponseRedirect(target)


def _page_of(access: Access, entity: str, key: str) -> str:
    """Return the page of a member, or the list of archived ones where an entity has no page."""
    base = base_of(access.workspace)
    own = next((each for each in access.folder.catalog.dashboards.values() if each.entity == entity), None)
    return f"{base}d/{own.name}?{urlencode({entity: key})}" if own else f"{base}data/archived"


def _lines(access: Access, entity: str, dataset: Dataset) -> list[ArchivedLine]:
    found = members(entity, access.viewer, warehouse=warehouse_of(access.folder), limit=MOST, archived=True)
    column = dataset.key_columns[0]
    entries = ManualEntry.objects.filter(
        workspace=access.workspace, dataset=dataset.name, **{f"after__{dataset.archived}": "true"}
    )
    latest: dict[str, ManualEntry] = {}
    for entry in entries.order_by("at", "pk"):
        latest[str(entry.key.get(column))] = entry
    return [
        ArchivedLine(
            label=each.label,
            kind=label_of(entity),
            href=_page_of(access, entity, each.key or ""),
            restore_href=archive_address(access, entity, each.key or "", archived=False),
            entry=latest.get(each.key or ""),
        )
        for each in found
    ]
