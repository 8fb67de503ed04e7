"""Rows that were kept out: which, why, from where; what became of those that somebody dealt with; all as a file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from sightline.accounts import audit
from sightline.accounts.access import Access
from sightline.definitions.schema.base import label_of
from sightline.errors import NotFound
from sightline.ingest.held_history import history_of
from sightline.ingest.held_origins import origins_of
from sightline.ingest.quarantine import Facets, facets_of, held_rows, sees_held, sees_personal_data
from sightline.web.guards import member
from sightline.web.held_file import held_file
from sightline.web.held_lines import Chosen, chosen_in, kind_choices, lines_of
from sightline.web.page import fragment, page
from sightline.web.settled import told_once
from sightline.web.shell import base_of
from sightline.web.table_files import table_files
from sightline.web.views.exports import attached, table_form

PAGE = 50
MOST_RUNS = 50


@require_GET
@member("see_quarantine")
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the held rows of a dataset as the address filters them, or what became of those dealt with."""
    facets = _facets(access)
    chosen = chosen_in(request, dataset=_dataset(request, facets))
    context: dict[str, Any] = {"chosen": chosen, "may_edit": access.allows("edit_data")}
    if chosen.dataset:
        context |= _past(chosen, access) if chosen.is_history else _held(chosen, facets, access, timezone.now())
    if request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request"):
        return fragment(request, "web/parts/held.html", access=access, **context)
    catalog = access.folder.catalog
    return page(
        request,
        "web/pages/quarantine.html",
        title="Quarantine",
        access=access,
        current="quarantine",
        crumbs=(("Data", f"{base_of(access.workspace)}data"),),
        tabs=[(name, label_of(name, catalog.datasets[name].label), each.total) for name, each in facets.items()],
        settled=told_once(request, access.workspace),
        held_query=Chosen(chosen.dataset, chosen.wanted, 1, is_history=False).query(),
        past_query=Chosen(chosen.dataset, chosen.wanted, 1, is_history=True).query(),
        **context,
    )


@require_GET
@member("see_quarantine", "export")
def export(request: HttpRequest, access: Access, form: str) -> HttpResponse:
    """Return the held rows that the address shows as a file, and write down who took it."""
    now, kind = timezone.now(), table_form(request, form)
    dataset = request.GET.get("dataset", "")
    if dataset not in access.folder.catalog.datasets or not sees_held(access, dataset):
        raise NotFound("there is no such dataset")
    made = held_file(chosen_in(request, dataset=dataset), access, form=kind, now=now)
    audit.record(
        workspace=access.workspace,
        actor=access.actor,
        verb="exported",
        object=f"quarantine of {dataset}",
        detail={"form": form, "rows": made.rows, "query": request.GET.urlencode()},
        now=now,
    )
    return attached(made.body, made.name, made.media_type)


def _facets(access: Access) -> dict[str, Facets]:
    names = [name for name in access.folder.catalog.filled if sees_held(access, name)]
    return {name: facets_of(access=access, dataset=name) for name in names}


def _dataset(request: HttpRequest, facets: dict[str, Facets]) -> str:
    """Return the dataset that the address names, else the first that holds rows, else the first of all."""
    chosen = request.GET.get("dataset", "")
    if chosen in facets:
        return chosen
    return next((name for name, each in facets.items() if each.total), next(iter(facets), ""))


def _held(chosen: Chosen, facets: dict[str, Facets], access: Access, now: datetime) -> dict[str, Any]:
    found = held_rows(access=access, dataset=chosen.dataset, wanted=chosen.wanted, page=chosen.page, page_size=PAGE)
    definition = access.folder.catalog.dataset(chosen.dataset)
    mine = facets[chosen.dataset]
    note = f"{found.total:,} row{'' if found.total == 1 else 's'}"
    return {
        "lines": lines_of(found.rows, definition, access, now),
        "total": found.total,
        "in_all": mine.total,
        "records_hidden": not sees_personal_data(access.viewer.policy, definition),
        "checks": kind_choices(mine.checks),
        "runs": _runs(mine, chosen, access),
        "is_filtered": bool(chosen.wanted.run or chosen.wanted.check or chosen.wanted.search),
        "files": table_files(f"{base_of(access.workspace)}export-quarantine", query=chosen.query(), note=note),
        **_pages(chosen, found.total),
    }


def _runs(facets: Facets, chosen: Chosen, access: Access) -> list[tuple[str, str, int]]:
    """Return the runs to choose from: those that left most rows, and the one that is chosen."""
    names = list(facets.runs)[:MOST_RUNS]
    if chosen.wanted.run and chosen.wanted.run not in names:
        names.append(chosen.wanted.run)
    origins = origins_of(access.workspace, names)
    return [(name, _run_words(origins[name].label, name), facets.runs.get(name, 0)) for name in names]


def _run_words(label: str, run: str) -> str:
    return f"{label} ({run.partition('@')[0][-8:]})"


def _past(chosen: Chosen, access: Access) -> dict[str, Any]:
    found = history_of(access=access, dataset=chosen.dataset, page=chosen.page, page_size=PAGE)
    return {"past": found.past, "total": found.total, **_pages(chosen, found.total)}


def _pages(chosen: Chosen, total: int) -> dict[str, Any]:
    last = max(1, -(-total // PAGE))
    return {
        "number": chosen.page,
        "pages": last,
        "newer": chosen.query(page=chosen.page - 1) if 1 < chosen.page <= last else "",
        "older": chosen.query(page=chosen.page + 1) if chosen.page < last else "",
    }
