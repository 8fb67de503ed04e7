"""Entering values by hand: a row or a grid, looked at before → after, then confirmed; and what was entered so far."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from sightline.accounts.access import Access
from sightline.dashboards.formats import plural
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import NotAllowed, UserError
from sightline.ingest.actions.enter_values import NOT_FOR_YOU, Change, Entered, enter_values
from sightline.ingest.actions.settle_held import ReasonMissing
from sightline.ingest.entries import PAGE_SIZE, as_seen, current_row, entries_of
from sightline.ingest.own_rows import may_enter
from sightline.web.entry_form import key_fields, typed_key, typed_row, value_fields
from sightline.web.entry_grid import Grid, Row, blank_grid, grid_of, packed, pasted, rows_in, typed_grid, unpacked
from sightline.web.guards import member
from sightline.web.page import fragment, page
from sightline.web.shell import base_of


class ChangedMeanwhile(UserError):
    """What was looked at is not what would be changed any more: somebody else changed it first."""

    code = "SL-E410"


@dataclass(frozen=True)
class Preview:
    """Rows to enter, what they change, and the mark by which it is seen whether that is still so."""

    rows: str
    changes: list[Change]
    mark: str


@require_http_methods(["GET", "POST"])
@member("edit_data")
def enter(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """Return the form of a dataset's rows; sent, a look at what it changes; confirmed, enter it."""
    dataset = access.folder.catalog.dataset(name)
    if not may_enter(access, dataset.name):
        raise NotAllowed(NOT_FOR_YOU)
    preview: Preview | None = None
    problem: UserError | None = None
    grid: Grid | None = None
    if request.method == "POST":
        try:
            grid = _grid(dataset, request.POST)
            if request.POST.get("do") == "confirm":
                return _entered(request, access, dataset)
            if request.POST.get("do") == "preview":
                preview = _preview(access, dataset, _rows(access, dataset, request.POST, grid), request.POST)
        except UserError as error:
            problem = error
            if isinstance(error, ChangedMeanwhile | ReasonMissing):
                preview = _preview(access, dataset, unpacked(request.POST.get("rows", "")), request.POST)
    return _shown(request, access, dataset, preview, grid, problem)


@require_GET
@member("view")
def entries(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """Return what was entered into a dataset by hand, newest first."""
    dataset = access.folder.catalog.dataset(name)
    number = request.GET.get("page", "1")
    at = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 9 else 1
    found = entries_of(access=access, dataset=dataset.name, page=at)
    label = label_of(dataset.name, dataset.label)
    return page(
        request,
        "web/pages/entries.html",
        title=f"{label}: entered by hand",
        access=access,
        current="data",
        crumbs=_crumbs(access, dataset),
        dataset=dataset,
        found=found,
        may_enter=may_enter(access, dataset.name),
        labels={key: label_of(key, column.label) for key, column in dataset.columns.items()},
        number=at,
        pages=max(1, -(-found.total // PAGE_SIZE)),
        newer=at - 1,
        older=at + 1 if at * PAGE_SIZE < found.total else 0,
    )


def _grid(dataset: Dataset, form: QueryDict) -> Grid | None:
    """Return the grid that a form holds: its cells, or the table that was pasted."""
    if form.get("how") != "grid":
        return None
    if form.get("do") in ("edit", "confirm"):
        return grid_of(dataset, unpacked(form.get("rows", "")))
    text = form.get("table", "")
    if form.get("do") == "read" or text.strip():
        return pasted(dataset, text)
    return typed_grid(dataset, form)


def _rows(access: Access, dataset: Dataset, form: QueryDict, grid: Grid | None) -> list[Row]:
    if form.get("how") == "grid":
        return rows_in(grid, empties=bool(form.get("empties"))) if grid else []
    key = typed_key(dataset, form)
    now = current_row(access=access, dataset=dataset.name, key=tuple(key.values()))
    row = typed_row(dataset, form, is_new=now is None)
    if now is not None and len(row) == len(key):
        raise UserError("No value was changed.", hint="Change a value first.")
    return [row]


def _preview(access: Access, dataset: Dataset, rows: list[Row], form: QueryDict) -> Preview:
    seen = enter_values(
        access=access,
        dataset=dataset.name,
        rows=rows,
        reason="",
        now=timezone.now(),
        effective_on=_day(form),
        dry_run=True,
    )
    return Preview(packed(rows), as_seen(access, dataset, seen.changes), _mark(seen))


def _entered(request: HttpRequest, access: Access, dataset: Dataset) -> HttpResponse:
    """Enter exactly the rows that were looked at, unless what they change is no longer what was shown."""
    form = request.POST
    rows = unpacked(form.get("rows", ""))
    told: dict[str, Any] = {"access": access, "dataset": dataset.name, "rows": rows, "effective_on": _day(form)}
    if _mark(enter_values(**told, reason="", now=timezone.now(), dry_run=True)) != form.get("mark"):
        raise ChangedMeanwhile(
            "Somebody changed these rows since you looked.", hint="Below is what your values would change now."
        )
    done = enter_values(**told, reason=form.get("reason", ""), now=timezone.now())
    words = f"{plural(len(done.changes), 'row')} entered, in snapshot {done.snapshot}"
    messages.success(request, words)
    return HttpResponseRedirect(f"{base_of(access.workspace)}data/{dataset.name}/entries")


def _mark(seen: Entered) -> str:
    content = orjson.dumps([[each.key, each.before, each.after] for each in seen.changes], default=str)
    return hashlib.sha256(content).hexdigest()[:16]


def _day(form: QueryDict) -> date | None:
    text = form.get("effective_on", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UserError(f'"{text}" is not a day', hint="Write it as 2026-02-10.") from error


def _shown(
    request: HttpRequest,
    access: Access,
    dataset: Dataset,
    preview: Preview | None,
    grid: Grid | None,
    problem: UserError | None,
) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    context = _context(access, dataset, sent, preview, grid) | {"problem": problem}
    if request.headers.get("HX-Request"):
        return fragment(request, "web/parts/entry_row.html", access=access, **context)
    label = label_of(dataset.name, dataset.label)
    return page(
        request,
        "web/pages/enter.html",
        title=f"Enter {label.lower()} by hand",
        access=access,
        current="data",
        crumbs=_crumbs(access, dataset),
        status=400 if problem else 200,
        **context,
    )


def _context(
    access: Access, dataset: Dataset, sent: QueryDict, preview: Preview | None, grid: Grid | None
) -> dict[str, Any]:
    key = typed_key(dataset, sent)
    by_row = sent.get("how") != "grid"
    found = current_row(access=access, dataset=dataset.name, key=tuple(key.values())) if all(key.values()) else None
    typed = _typed(sent) if by_row else None
    shown = grid or (blank_grid(dataset) if not by_row else None)
    return {
        "dataset": dataset,
        "label": label_of(dataset.name, dataset.label),
        "how": "row" if by_row else "grid",
        "keys": key_fields(access, dataset, key),
        "key_query": urlencode({f"k:{name}": value for name, value in key.items()}),
        "is_keyed": all(key.values()),
        "is_new": found is None,
        "values": value_fields(access, dataset, now=found, typed=typed) if by_row and all(key.values()) else [],
        "grid": shown if shown and shown.fits else None,
        "table": sent.get("table", "") if shown is None or grid is None else (grid.text if not grid.fits else ""),
        "large": len(grid.rows) if grid and not grid.fits else 0,
        "empties": bool(sent.get("empties")),
        "effective_on": sent.get("effective_on", ""),
        "reason": sent.get("reason", ""),
        "preview": preview,
        "labels": {name: label_of(name, column.label) for name, column in dataset.columns.items()},
    }


def _typed(sent: QueryDict) -> QueryDict | None:
    """Return the values that were typed; those of a preview are in its rows."""
    text = sent.get("rows")
    rows = unpacked(text) if text else []
    if not rows:
        return sent
    typed = sent.copy()
    for name, value in rows[0].items():
        typed[f"v:{name}"] = value or ""
    return typed


def _crumbs(access: Access, dataset: Dataset) -> list[tuple[str, str]]:
    base = base_of(access.workspace)
    return [("Datasets", f"{base}data"), (label_of(dataset.name, dataset.label), f"{base}data/{dataset.name}")]
