"""Dealing with held rows: one of them, looked at and mended; or chosen ones, tried again, released or discarded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from sightline.accounts.access import Access
from sightline.accounts.audit import record_access
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import NotFound, UserError
from sightline.ingest.actions.settle_held import discard_rows, fix_row, release_rows, replay_rows
from sightline.ingest.held_origins import origins_of
from sightline.ingest.held_record import RecordField, Verdict, fields_of, name_of_row, try_fix
from sightline.ingest.origins import map_of_run
from sightline.ingest.quarantine import chosen_held, held_row, sees_held
from sightline.ingest.replays import Settled
from sightline.lake.quarantine import HeldRow
from sightline.lake.settle import RowId
from sightline.web.guards import member
from sightline.web.held_lines import age, kind_words, origin_href, pick_of, picked
from sightline.web.page import fragment, page
from sightline.web.settled import tell
from sightline.web.shell import base_of

NEVER = frozenset({"format", "type"})
"""Kinds of checks that nobody can vouch for: the value cannot be stored."""
PREFIX = "v:"
"""How the inputs of a record's fields begin."""


class NothingChosen(UserError):
    """Rows are to be dealt with and none are named, or nothing that can be done with them."""

    code = "SL-E412"


@dataclass(frozen=True)
class Deed:
    """Something to do with chosen rows, in words."""

    name: str
    title: str
    button: str
    explains: str
    run: Callable[..., Settled]
    needs_reason: bool = True
    is_grave: bool = False


DEEDS = {
    "replay": Deed(
        "replay",
        "Try these rows again?",
        "Try again",
        "They go the whole way again, with the map as it stands now. What is still wrong is held again.",
        replay_rows,
        needs_reason=False,
    ),
    "release": Deed(
        "release",
        "Release these rows?",
        "Release",
        "This overrides the checks: the rows count in every number from now on, as they are.",
        release_rows,
    ),
    "discard": Deed(
        "discard",
        "Discard these rows?",
        "Discard",
        "They will not be offered again. What was thrown away, by whom and why stays in the history.",
        discard_rows,
        is_grave=True,
    ),
}


@dataclass(frozen=True)
class Input:
    """A field of the record as the form shows it, with what was typed."""

    field: RecordField
    name: str
    text: str
    is_long: bool


@require_http_methods(["GET", "POST"])
@member("see_quarantine", "edit_data")
def settle(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the question before chosen rows are dealt with; answered, deal with them and go back to the list."""
    sent = request.POST if request.method == "POST" else request.GET
    dataset, deed = _dataset(access, sent.get("dataset", "")), DEEDS.get(sent.get("do", ""))
    ids = picked(sent.getlist("pick"))
    problem: UserError | None = None
    if deed is None or not ids:
        problem = NothingChosen("No rows are chosen.", hint="Tick the rows first, then say what to do with them.")
    elif request.method == "POST":
        try:
            return _back(request, access, dataset, _settled(deed, access, dataset, ids, sent.get("reason", "")))
        except UserError as error:
            problem = error
    context = _question(access, dataset, deed, ids) | {
        "problem": problem,
        "reason": sent.get("reason", ""),
        "back": _list(access, dataset),
        "address": f"{base_of(access.workspace)}data/quarantine/settle",
    }
    if request.headers.get("HX-Request"):
        return fragment(request, "web/parts/settle.html", access=access, **context)
    return page(
        request,
        "web/pages/settle.html",
        title=deed.title if deed else "Held rows",
        access=access,
        current="quarantine",
        crumbs=(("Quarantine", _list(access, dataset)),),
        status=400 if problem else 200,
        **context,
    )


@require_http_methods(["GET", "POST"])
@member("see_quarantine")
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """Return one held row with its record; the form on it tries other values, or stores them."""
    now = timezone.now()
    dataset = _dataset(access, request.GET.get("dataset", ""))
    (row_id, *_) = [*picked([f"{request.GET.get('row', '')}:{request.GET.get('run', '')}"]), None]
    if row_id is None:
        raise NotFound("there is no such row")
    held = held_row(access=access, dataset=dataset.name, row=row_id)
    fields = fields_of(held, dataset, map_of_run(access.workspace, held.run))
    verdict: Verdict | None = None
    problem: UserError | None = None
    if request.method == "POST":
        access.require("edit_data")
        try:
            values = _changed(request, fields)
            if not values:
                raise NothingChosen("No value was changed.", hint="Mend a field, or try the row again as it is.")
            verdict = try_fix(access=access, dataset=dataset.name, row=row_id, values=values, now=now)
            if verdict.passes and request.POST.get("do") == "fix":
                reason = request.POST.get("reason", "")
                done = fix_row(access=access, dataset=dataset.name, row=row_id, values=values, now=now, reason=reason)
                return _back(request, access, dataset, done)
        except UserError as error:
            problem = error
    return _row_page(request, access, dataset, held, fields, verdict, problem, now)


def _row_page(
    request: HttpRequest,
    access: Access,
    dataset: Dataset,
    held: HeldRow,
    fields: Sequence[RecordField],
    verdict: Verdict | None,
    problem: UserError | None,
    now: datetime,
) -> HttpResponse:
    if held.record:
        record_access(
            workspace=access.workspace,
            actor=access.actor,
            verb="held row seen",
            object=f"{dataset.name} {held.run}:{held.row}",
            now=now,
            address=request.META.get("REMOTE_ADDR", ""),
        )
    mapping = map_of_run(access.workspace, held.run)
    origin = origins_of(access.workspace, [held.run])[held.run]
    name = name_of_row(held, dataset, mapping)
    label = label_of(dataset.name, dataset.label)
    return page(
        request,
        "web/pages/held_row.html",
        title=f"{label}: {name or f'row {held.row:,}'}",
        access=access,
        current="quarantine",
        crumbs=(("Quarantine", _list(access, dataset)),),
        held=held,
        dataset=dataset,
        label=label,
        reasons=held.reasons.split("; "),
        kinds=kind_words(held.checks),
        age=age(now - held.at),
        origin=origin,
        origin_href=origin_href(origin, access),
        mapped=[field for field in fields if field.column],
        is_mapped_by_file=bool(mapping.columns or mapping.defaults or mapping.values),
        inputs=[_input(field, request) for field in fields],
        pick=pick_of(held),
        may_edit=access.allows("edit_data"),
        verdict=verdict,
        reason=request.POST.get("reason", ""),
        problem=problem,
        status=400 if problem or (verdict and not verdict.passes) else 200,
    )


def _dataset(access: Access, name: str) -> Dataset:
    """Return the dataset, in the same words not found whether it is not there or may not be looked into."""
    if name not in access.folder.catalog.datasets or not sees_held(access, name):
        raise NotFound(f'there is no dataset "{name}" whose held rows you can see')
    return access.folder.catalog.dataset(name)


def _settled(deed: Deed, access: Access, dataset: Dataset, ids: Sequence[RowId], reason: str) -> Settled:
    return deed.run(access=access, dataset=dataset.name, ids=ids, now=timezone.now(), reason=reason)


def _question(access: Access, dataset: Dataset, deed: Deed | None, ids: Sequence[RowId]) -> dict[str, Any]:
    held = chosen_held(access=access, dataset=dataset.name, ids=ids)
    reasons = Counter(row.reasons for row in held)
    return {
        "deed": deed if held else None,
        "dataset": dataset,
        "label": label_of(dataset.name, dataset.label),
        "picks": [pick_of(row) for row in held],
        "reasons": reasons.most_common(),
        "gone": len(ids) - len(held),
        "stuck": sum(1 for row in held if NEVER & set(row.checks.split("; "))),
    }


def _changed(request: HttpRequest, fields: Sequence[RecordField]) -> dict[str, str | None]:
    """Return the fields that were typed over; one that was empty and still is, is not changed."""
    found: dict[str, str | None] = {}
    for field in fields:
        typed = request.POST.get(PREFIX + field.name)
        if typed is None or field.is_nested:
            continue
        if _lines(typed) != _lines(field.text or ""):
            found[field.name] = typed or None
    return found


def _lines(text: str) -> str:
    """Return the text with its lines ended alike: forms end them in their own way."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _input(field: RecordField, request: HttpRequest) -> Input:
    text = request.POST.get(PREFIX + field.name, field.text or "")
    return Input(field, PREFIX + field.name, text, is_long=len(text) > 80 or "\n" in (field.text or ""))


def _list(access: Access, dataset: Dataset) -> str:
    return f"{base_of(access.workspace)}data/quarantine?{urlencode({'dataset': dataset.name})}"


def _back(request: HttpRequest, access: Access, dataset: Dataset, settled: Settled) -> HttpResponse:
    """Go to the list, which tells what became of the rows."""
    tell(request, settled, workspace=access.workspace)
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = _list(access, dataset)
        return response
    return HttpResponseRedirect(_list(access, dataset))
