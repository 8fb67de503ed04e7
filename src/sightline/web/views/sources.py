"""Sources: how each stands, what needs attention, reading them now; the table as a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from sightline.accounts import audit
from sightline.accounts.access import Access
from sightline.dashboards.formats import plural
from sightline.definitions.schema.base import label_of
from sightline.errors import SightlineError
from sightline.ingest.actions.start_sync import start_sync
from sightline.ingest.models import DataEvent
from sightline.ingest.overview import Overview, events_about_datasets, overview
from sightline.ingest.sync.schedule import SyncRuns
from sightline.web.guards import member
from sightline.web.page import page
from sightline.web.shell import base_of
from sightline.web.source_lines import Row, row_of, sources_file, tiles_of
from sightline.web.views.exports import attached, table_form

SHOWN_EVENTS = 2
CODE = re.compile(r" ?\[(?:SL|PACK)-[EW]\d{3}\]")
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


@require_http_methods(["GET", "POST"])
@member("view")
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the list of sources; a form on it reads one, or all of them."""
    now, base = timezone.now(), base_of(access.workspace)
    if request.method == "POST":
        _start(request, access, now)
        return HttpResponseRedirect(f"{base}data/sources")
    found = overview(access=access, now=now)
    return page(
        request,
        "web/pages/sources.html",
        title="Data sources",
        access=access,
        current="sources",
        crumbs=(("Data", ""),),
        rows=_rows(found, access, now),
        tiles=tiles_of(found, base=base, now=timezone.localtime(now)) if found.lines else [],
        attention=_attention(found),
        about_datasets=_about_datasets(access),
        has_read=any(not line.is_pushed for line in found.lines),
        can_manage=access.allows("manage_sources"),
        can_sync=may_sync(access),
        can_audit=access.allows("see_audit"),
        sees_held=any(line.held is not None for line in found.lines),
    )


@require_GET
@member("view", "export")
def export(request: HttpRequest, access: Access, form: str) -> HttpResponse:
    """Return the table of sources as a file, and write down who took it."""
    now, kind = timezone.now(), table_form(request, form)
    made = sources_file(_rows(overview(access=access, now=now), access, now), access, form=kind, now=now)
    detail = {"form": form, "rows": made.rows}
    audit.record(
        workspace=access.workspace, actor=access.actor, verb="exported", object="sources", detail=detail, now=now
    )
    return attached(made.body, made.name, made.media_type)


def may_sync(access: Access) -> bool:
    """Return whether somebody may read a source now."""
    return access.allows("manage_sources") or access.allows("import_data")


def attention_words(events: Sequence[DataEvent], labels: dict[str, str]) -> tuple[str, str]:
    """Return how many sources need attention, and why, in short."""
    names = list(dict.fromkeys(event.source for event in events))
    number = NUMBERS[len(names)] if len(names) < len(NUMBERS) else str(len(names))
    claim = f"{number} {'source needs' if len(names) == 1 else 'sources need'} attention."
    said = [_said(event, labels) for event in events[:SHOWN_EVENTS]]
    more = len(events) - len(said)
    return claim, " ".join([*said, *([f"And {more} more."] if more > 0 else [])])


def _said(event: DataEvent, labels: dict[str, str]) -> str:
    label = labels.get(event.source, event.source)
    text = CODE.sub("", event.message.splitlines()[0]).strip()
    whole = text if text.startswith(label) else f"{label}: {text[:1].lower()}{text[1:]}"
    return whole if whole.endswith((".", "!", "?")) else f"{whole}."


def _about_datasets(access: Access) -> dict[str, str] | None:
    events, datasets = events_about_datasets(access), access.catalog.datasets
    if not events:
        return None
    names = list(dict.fromkeys(event.dataset for event in events))
    number = NUMBERS[len(names)] if len(names) < len(NUMBERS) else str(len(names))
    claim = f"{number} {'dataset needs' if len(names) == 1 else 'datasets need'} attention."
    more = len(events) - SHOWN_EVENTS
    said = [event.message for event in events[:SHOWN_EVENTS]] + ([f"And {more} more."] if more > 0 else [])
    label = label_of(names[0], datasets[names[0]].label)
    return {"claim": claim, "why": " ".join(said), "dataset": names[0], "label": label}


def _attention(found: Overview) -> dict[str, str] | None:
    labels = {line.name: line.label for line in found.lines}
    order = {DataEvent.Level.ERROR: 0, DataEvent.Level.WARNING: 1}
    about = [event for event in found.events if event.source in labels]
    events = sorted(about, key=lambda event: order.get(DataEvent.Level(event.level), 2))
    if not events:
        return None
    claim, why = attention_words(events, labels)
    return {"claim": claim, "why": why, "source": events[0].source, "label": labels[events[0].source]}


def _rows(found: Overview, access: Access, now: datetime) -> list[Row]:
    zone = access.folder.catalog.settings.zone
    return [row_of(line, zone=zone, now=now) for line in found.lines]


def _start(request: HttpRequest, access: Access, now: datetime) -> None:
    """Start what the form names: one source, or all that are read and are not being read."""
    found = {line.name: line for line in overview(access=access, now=now).lines}
    wanted = request.POST.get("source", "")
    names = [wanted] if wanted else [name for name, line in found.items() if not line.is_pushed]
    started = []
    try:
        for name in names:
            started += [name] if _started(access, name, now, skip=not wanted) else []
    except SightlineError as error:
        messages.error(request, error.text)
        return
    label = found[wanted].label if wanted in found else plural(len(started), "source")
    messages.success(request, f"Sync of {label} started")


def _started(access: Access, name: str, now: datetime, *, skip: bool) -> bool:
    try:
        start_sync(access=access, name=name, now=now)
    except SyncRuns:
        if not skip:
            raise
        return False
    return True
