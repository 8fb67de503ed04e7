"""Connecting a source and changing it: choose a connector, say how to reach it, check, choose streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from sightline.accounts.access import Access
from sightline.dashboards import dates
from sightline.definitions.schema.base import label_of
from sightline.errors import Conflict, NotFound, SightlineError
from sightline.ingest.actions.save_source import save_source
from sightline.ingest.connections import source_named
from sightline.ingest.models import Source
from sightline.ingest.overview import kind_label
from sightline.ingest.spec import PUSHED, Schedule
from sightline.ingest.trial import Tried, require_same_place, try_source
from sightline.sources.catalogue import CONNECTORS
from sightline.web.config_form import PREFIX, Setting, settings_of, words_of
from sightline.web.guards import member
from sightline.web.page import fragment, page
from sightline.web.schedule_words import schedule_words
from sightline.web.shell import base_of
from sightline.web.source_spec import (
    input_ids,
    problem_lines,
    secrets_typed,
    spec_to_try,
    spec_typed,
    stream_rows,
)

EXAMPLES = ("*/15 * * * *", "0 * * * *", "0 */6 * * *", "0 5 * * *", "0 5 * * 1-5", "0 8 * * 1", "0 6 1 * *")
POLICIES = (
    ("evolve", "Take new columns that fit", "Columns that go keep what they brought."),
    ("discard", "Ignore new columns", "Only those of the first sync are read."),
    ("freeze", "Stop the stream", "Until somebody has looked at the mapping."),
)
KIND_ICONS = {"files": "doc", "spend": "meg", "prometheus": "pulse", "rest": "link", "sql": "db", PUSHED: "upload"}
NEXT = 3


class NameInUse(Conflict):
    """A source of this name exists: connecting another one must not change it."""

    code = "SL-E373"


@require_GET
@member("manage_sources")
def choose(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the connectors to choose from."""
    kinds = [(name, each.label, each.summary, KIND_ICONS.get(name, "users")) for name, each in CONNECTORS.items()]
    pushed = (PUSHED, "Webhook", "Another system sends events to an address of yours, signed.", KIND_ICONS[PUSHED])
    return page(
        request,
        "web/pages/source_choose.html",
        title="Connect a source",
        access=access,
        current="sources",
        crumbs=(("Data sources", f"{base_of(access.workspace)}data/sources"),),
        kinds=[*sorted(kinds, key=lambda each: each[1].casefold()), pushed],
    )


@require_http_methods(["GET", "POST"])
@member("manage_sources")
def connect(request: HttpRequest, access: Access, kind: str) -> HttpResponse:
    """Return the form of a new source, what a check of it found, or the way on when it is saved."""
    if kind != PUSHED and kind not in CONNECTORS:
        raise NotFound(f'there is no connector "{kind}"')
    return _form(request, access, kind, None)


@require_http_methods(["GET", "POST"])
@member("manage_sources")
def edit(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """Return the form of a source that there is."""
    source = source_named(access.workspace, name)
    return _form(request, access, source.kind, source)


@require_GET
@member("manage_sources")
def schedule(request: HttpRequest, access: Access) -> HttpResponse:
    """Return a schedule in words with its next three times."""
    cron, zone = request.GET.get("cron", "").strip(), request.GET.get("zone", "").strip()
    context = _scheduled(access, cron, zone, timezone.now())
    return fragment(request, "web/parts/schedule_words.html", access=access, **context)


def _form(request: HttpRequest, access: Access, kind: str, known: Source | None) -> HttpResponse:
    tried: Tried | None = None
    problem: SightlineError | None = None
    name = known.name if known else request.POST.get("name", "").strip()
    if request.method == "POST":
        try:
            if request.POST.get("do") == "check":
                tried = _tried(request, access, kind, name, known)
            else:
                return _saved(request, access, kind, name, known)
        except SightlineError as error:
            problem = error
    context = _context(request, access, kind, known, tried, problem, name)
    if request.headers.get("HX-Request"):
        part = "source_checked" if request.POST.get("do") == "check" else "source_problem"
        return fragment(request, f"web/parts/{part}.html", access=access, is_swap=True, **context)
    base = base_of(access.workspace)
    here = ((known.spec.get("label") or label_of(known.name), f"{base}data/sources/{known.name}"),) if known else ()
    return page(
        request,
        "web/pages/source_form.html",
        title="Change the source" if known else f"Connect {kind_label(kind)}",
        access=access,
        current="sources",
        crumbs=(("Data sources", f"{base}data/sources"), *here),
        status=400 if problem else 200,
        **context,
    )


def _typed(request: HttpRequest) -> dict[str, str]:
    """Return what was typed, the last of each name."""
    return {name: str(value) for name, value in request.POST.items()}


def _tried(request: HttpRequest, access: Access, kind: str, name: str, known: Source | None) -> Tried:
    spec = spec_to_try(_typed(request), kind=kind, name=name, known=known, access=access)
    return try_source(access=access, spec=spec, secrets=secrets_typed(_typed(request), kind), now=timezone.now())


def _saved(request: HttpRequest, access: Access, kind: str, name: str, known: Source | None) -> HttpResponse:
    """Save what was typed and go on: to the first map of a new source, else to the source."""
    if known is None and Source.objects.filter(workspace=access.workspace, name=name).exists():
        raise NameInUse(f"{name} › source: there is a source of this name", hint="Choose another one, or change that.")
    spec = spec_typed(_typed(request), kind=kind, name=name, known=known, access=access)
    secrets = secrets_typed(_typed(request), kind)
    require_same_place(known, spec, secrets)
    saved = save_source(
        access=access, spec=spec, secrets=secrets, now=timezone.now(), reason=request.POST.get("reason", "").strip()
    )
    messages.success(request, f"{spec.label or label_of(saved.name)} is saved as version {saved.version}")
    here = f"{base_of(access.workspace)}data/sources/{saved.name}"
    if known is None and kind != PUSHED:
        here += f"/streams/{next(iter(spec.streams))}"
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(here)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = here
    return response


def _context(
    request: HttpRequest,
    access: Access,
    kind: str,
    known: Source | None,
    tried: Tried | None,
    problem: SightlineError | None,
    name: str,
) -> dict[str, Any]:
    spec = known.spec if known else {}
    typed = _typed(request)
    lines = problem_lines(problem, name) if problem else []
    when = spec.get("schedule") or {}
    cron, zone = typed.get("cron", when.get("cron", "")), typed.get("zone", when.get("zone") or "")
    return {
        "kind": kind,
        "kind_label": kind_label(kind),
        "is_pushed": kind == PUSHED,
        "known": known,
        "name": name,
        "values": _values(typed, spec),
        "settings": [] if kind == PUSHED else _settings(kind, typed, spec, known, dict(lines)),
        "summary": _summary(kind),
        "streams": stream_rows(typed, known=known, available=tried.streams if tried else None, kind=kind),
        "datasets": _datasets(access),
        "tried": tried,
        "problem": problem,
        "problem_lines": [(each, _input_words(each), said) for each, said in lines],
        "errors": dict(lines),
        "inputs": input_ids(kind, is_known=known is not None),
        "policies": POLICIES,
        "examples": [(each, schedule_words(each)) for each in EXAMPLES],
        "zones": sorted(available_timezones()),
        "may_private": access.allows("manage_settings"),
        **_scheduled(access, cron, zone, timezone.now()),
    }


def _values(typed: dict[str, str], spec: dict[str, Any]) -> dict[str, Any]:
    """Return what the fields hold that every source has: as typed, else as saved."""
    if typed:
        return {**typed, "private": bool(typed.get("private"))}
    return {
        "label": spec.get("label", ""),
        "since": spec.get("since", ""),
        "late_after": spec.get("late_after", ""),
        "schema_changes": spec.get("schema_changes", "evolve"),
        "private": spec.get("private_network", False),
    }


def _settings(
    kind: str, typed: dict[str, str], spec: dict[str, Any], known: Source | None, errors: dict[str, str]
) -> Sequence[Setting]:
    stored = known.secrets.values_list("field", flat=True) if known else ()
    found = settings_of(CONNECTORS[kind].config, values=spec.get("config", {}), typed=typed, stored=stored)
    return [replace(each, error=errors.get(PREFIX + each.name, "")) for each in found]


def _summary(kind: str) -> str:
    """Return what the connector's settings say of themselves."""
    if kind == PUSHED:
        return ""
    said = CONNECTORS[kind].config.__doc__ or ""
    return " ".join(said.replace("`", "").split())


def _datasets(access: Access) -> list[tuple[str, str]]:
    return [(name, label_of(name, each.label)) for name, each in access.folder.catalog.filled.items()]


def _input_words(name: str) -> str:
    return words_of(name.removeprefix("c-")) if name else ""


def _scheduled(access: Access, cron: str, zone: str, now: datetime) -> dict[str, Any]:
    """Return a schedule in words, its next times, or what is wrong with it."""
    home = access.folder.catalog.settings.zone
    found: dict[str, Any] = {"cron": cron, "zone": zone, "home_zone": home, "cron_words": "", "cron_problem": ""}
    if not cron:
        return found | {"cron_words": "By hand only", "cron_next": []}
    if zone and zone not in available_timezones():
        return found | {"cron_problem": f"{zone} is not a time zone; an example: Europe/Berlin", "cron_next": []}
    try:
        CronSim(cron, now.astimezone(ZoneInfo(zone or home)))
    except CronSimError:
        return found | {"cron_problem": "This is not a cron expression; an example: 0 5 * * 1-5", "cron_next": []}
    plan, at, times = Schedule(cron=cron, zone=zone or None), now, []
    for _ in range(NEXT):
        at = plan.next_after(at, zone=home)
        times.append(dates.moment(at, zone=zone or home, today=now.astimezone(ZoneInfo(zone or home)).date()))
    return found | {"cron_words": schedule_words(cron, zone=zone, home_zone=home), "cron_next": times}
