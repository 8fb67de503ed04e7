"""One source: how it stands, what it is doing, its streams, runs, events and versions."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_http_methods

from sightline.accounts.access import Access
from sightline.dashboards.formats import plural
from sightline.errors import NotAllowed, NotFound, SightlineError, UserError
from sightline.ingest.actions.remove_source import remove_source
from sightline.ingest.actions.save_source import save_source
from sightline.ingest.actions.start_sync import pause_source, start_sync, stop_sync
from sightline.ingest.connections import source_named, spec_of
from sightline.ingest.events_told import events_told
from sightline.ingest.models import Source, SourceVersion, SyncRun
from sightline.ingest.overview import OVER, kind_label, line_of, require_may_see
from sightline.ingest.spec import PUSHED, spec_from
from sightline.ingest.trial import require_same_place
from sightline.web.guards import member
from sightline.web.page import fragment, page
from sightline.web.schedule_words import schedule_words
from sightline.web.shell import base_of
from sightline.web.source_detail import changes_between, stream_lines
from sightline.web.source_lines import row_of
from sightline.web.views.sources import may_sync

PAGE = 15
EVENTS = 20
VERSIONS = 20


class NoPeriod(UserError):
    """A period to read anew has no first day."""

    code = "SL-E375"


@require_http_methods(["GET", "POST"])
@member("view")
def show(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """Return the page of a source; a form on it reads, stops, pauses or removes it."""
    require_may_see(access)
    source = source_named(access.workspace, name)
    if request.method == "POST":
        return _acted(request, access, source)
    now, zone = timezone.now(), access.folder.catalog.settings.zone
    line = line_of(access=access, source=source, now=now)
    events = events_told(access).filter(source=name)
    return page(
        request,
        "web/pages/source.html",
        title=line.label,
        access=access,
        current="sources",
        crumbs=(("Data sources", f"{base_of(access.workspace)}data/sources"),),
        row=row_of(line, zone=zone, now=now),
        source=source,
        description=_meta(source, zone),
        streams=stream_lines(source, access),
        found=Paginator(SyncRun.objects.filter(source=source), PAGE).get_page(request.GET.get("page")),
        carried="",
        open_events=events.filter(ended_at=None),
        past_events=events.exclude(ended_at=None).exclude(kind="schema_changed")[:EVENTS],
        schema_changes=events.filter(kind="schema_changed")[:EVENTS],
        versions=source.versions.all()[:VERSIONS] if access.allows("manage_sources") else [],
        **_live(source),
        **_allowed(access),
    )


@require_GET
@member("view")
def live(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """Return how far the open sync is; when it has ended, a fragment that makes the page bring itself up to date."""
    require_may_see(access)
    source = source_named(access.workspace, name)
    context = _live(source)
    ended = None if context["run"] else SyncRun.objects.filter(source=source).first()
    shown = {"source": source, "ended": ended, "was_open": True, **context, **_allowed(access)}
    return fragment(request, "web/parts/source_live.html", access=access, **shown)


@require_GET
@member("view")
def run(request: HttpRequest, access: Access, name: str, number: int) -> HttpResponse:
    """Return one sync: its streams, why rows were held, what went wrong."""
    require_may_see(access)
    source = source_named(access.workspace, name)
    found = SyncRun.objects.filter(source=source, pk=number).first()
    if found is None:
        raise NotFound(f'source "{name}" has no sync {number}')
    label = source.spec.get("label") or name
    return page(
        request,
        "web/pages/source_run.html",
        title=f"Sync {number}",
        access=access,
        current="sources",
        crumbs=_crumbs(access, source),
        source=source,
        label=label,
        run=found,
        streams=[(each, found.streams[each]) for each in found.streams],
        took=_took(found),
        **_allowed(access),
    )


@require_http_methods(["GET", "POST"])
@member("manage_sources")
def version(request: HttpRequest, access: Access, name: str, number: int) -> HttpResponse:
    """Return what a version changed; a form on the page brings it back as a new one."""
    source = source_named(access.workspace, name)
    found = SourceVersion.objects.filter(source=source, number=number).first()
    if found is None:
        raise NotFound(f'source "{name}" has no version {number}')
    problem: SightlineError | None = None
    if request.method == "POST":
        try:
            return _restored(request, access, source, found)
        except SightlineError as error:
            problem = error
    before = SourceVersion.objects.filter(source=source, number__lt=number).first()
    return page(
        request,
        "web/pages/source_version.html",
        title=f"Version {number}",
        access=access,
        current="sources",
        crumbs=_crumbs(access, source),
        source=source,
        version=found,
        changes=changes_between(before.spec if before else None, found.spec),
        since=changes_between(found.spec, source.spec),
        is_current=number == source.version,
        problem=problem,
        status=400 if problem else 200,
    )


def _crumbs(access: Access, source: Source) -> tuple[tuple[str, str], ...]:
    base = base_of(access.workspace)
    label = source.spec.get("label") or source.name.replace("_", " ").capitalize()
    return (("Data sources", f"{base}data/sources"), (label, f"{base}data/sources/{source.name}"))


def _allowed(access: Access) -> dict[str, bool]:
    return {
        "can_manage": access.allows("manage_sources"),
        "can_sync": may_sync(access),
        "can_see_held": access.allows("see_quarantine"),
    }


def _live(source: Source) -> dict[str, Any]:
    return {"run": SyncRun.objects.filter(source=source).filter(~Q(state__in=OVER)).first()}


def _meta(source: Source, zone: str) -> str:
    if source.kind == PUSHED:
        return f"{kind_label(source.kind)}, stored as it is sent"
    schedule = source.spec.get("schedule") or {}
    words = schedule_words(schedule.get("cron", ""), zone=schedule.get("zone") or "", home_zone=zone)
    return f"{kind_label(source.kind)}, {words[:1].lower()}{words[1:]}"


def _took(found: SyncRun) -> str:
    """Return how long a sync took, in words; empty while it runs."""
    if not found.started_at or not found.finished_at:
        return ""
    seconds = int((found.finished_at - found.started_at).total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _acted(request: HttpRequest, access: Access, source: Source) -> HttpResponse:
    """Do what the form says, and go back to the page that shows it."""
    base = base_of(access.workspace)
    try:
        messages.success(request, _done(request, access, source.name))
    except NotAllowed:
        raise
    except SightlineError as error:
        messages.error(request, error.text)
    gone = not Source.objects.filter(pk=source.pk).exists()
    return HttpResponseRedirect(f"{base}data/sources" if gone else f"{base}data/sources/{source.name}")


def _done(request: HttpRequest, access: Access, name: str) -> str:
    now = timezone.now()
    match request.POST.get("do"):
        case "stop":
            stopped = stop_sync(access=access, name=name, now=now)
            return "The sync stops after the page it is at" if stopped else "Nothing was being read"
        case "pause":
            pause_source(access=access, name=name, paused=True, now=now)
            return "Paused. Its schedule rests until you resume it"
        case "resume":
            pause_source(access=access, name=name, paused=False, now=now)
            return "Resumed"
        case "remove":
            remove_source(access=access, name=name, now=now)
            return "Removed. The rows it brought stay"
        case "sync":
            start_sync(access=access, name=name, now=now)
            return "Sync started"
        case "backfill":
            first, last = (_day(request, access, each) for each in ("since", "until"))
            if first is None:
                raise NoPeriod("Say from which day on to read.", hint="The last day may be left empty.")
            start_sync(access=access, name=name, now=now, since=first, until=last and last + timedelta(days=1))
            return "Reading the period anew"
    raise NotFound("there is no such action")


def _day(request: HttpRequest, access: Access, name: str) -> datetime | None:
    """Return when a day that was chosen begins in the workspace; None when none was."""
    chosen = parse_date(request.POST.get(name, ""))
    return datetime.combine(chosen, time(), ZoneInfo(access.folder.catalog.settings.zone)) if chosen else None


def _restored(request: HttpRequest, access: Access, source: Source, found: SourceVersion) -> HttpResponse:
    spec = spec_from(found.spec, where=source.name)
    require_same_place(source, spec, {})
    said = request.POST.get("reason", "").strip()
    reason = f"Version {found.number} brought back" + (f": {said}" if said else "")
    saved = save_source(access=access, spec=spec, secrets={}, now=timezone.now(), reason=reason)
    messages.success(request, f"Saved as version {saved.version}: {plural(len(spec_of(saved).streams), 'stream')}")
    return HttpResponseRedirect(f"{base_of(access.workspace)}data/sources/{source.name}")
