"""Held rows as the table of the quarantine page prints them, and the address that keeps what was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest

from sightline.accounts.access import Access
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Dataset
from sightline.ingest.held_origins import Origin, origins_of
from sightline.ingest.held_record import name_of_row
from sightline.ingest.mapping import MapFile
from sightline.ingest.origins import map_of_run, root_run
from sightline.lake.quarantine import HeldFilter, HeldRow
from sightline.lake.settle import RowId
from sightline.web.shell import base_of

KINDS = {
    "format": "Row cannot be read",
    "type": "Value of the wrong type",
    "not_null": "Value missing",
    "unique": "Key arrived twice",
    "not_future": "Date in the future",
    "not_negative": "Negative amount",
    "references": "Unknown reference",
    "accepted": "Value not accepted",
    "no_duplicate": "Duplicate",
    "stage_order": "Stages out of order",
    "condition": "Rule broken",
}
"""What the kinds of checks are called."""
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class HeldLine:
    """One held row. `pick` names it in forms; `name` is what its record says of its key, or its number."""

    row: HeldRow
    pick: str
    name: str
    origin: Origin
    origin_href: str
    age: str
    href: str


@dataclass(frozen=True)
class Chosen:
    """What the address asks for."""

    dataset: str
    wanted: HeldFilter
    page: int
    is_history: bool

    def query(self, **changed: object) -> str:
        """Return the address of the same view with some of it changed; empty values are left out."""
        values: dict[str, object] = {
            "dataset": self.dataset,
            "tab": "history" if self.is_history else "",
            "run": self.wanted.run or "",
            "check": self.wanted.check,
            "q": self.wanted.search,
        }
        return urlencode({name: value for name, value in {**values, **changed}.items() if value})


def chosen_in(request: HttpRequest, *, dataset: str) -> Chosen:
    """Return what the address asks for of a dataset; nothing in it can make this fail."""
    number = request.GET.get("page", "1")
    wanted = HeldFilter(
        run=request.GET.get("run") or None,
        check=request.GET.get("check", ""),
        search=request.GET.get("q", "").strip()[:LONGEST_SEARCH],
    )
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 1
    return Chosen(dataset, wanted, max(1, page), request.GET.get("tab") == "history")


def lines_of(rows: Sequence[HeldRow], dataset: Dataset, access: Access, now: datetime) -> list[HeldLine]:
    """Return the lines of the table."""
    origins = origins_of(access.workspace, {row.run for row in rows})
    maps: dict[str, MapFile] = {}
    return [_line(row, dataset, access, origins[row.run], maps, now) for row in rows]


def _line(
    row: HeldRow, dataset: Dataset, access: Access, origin: Origin, maps: dict[str, MapFile], now: datetime
) -> HeldLine:
    base = base_of(access.workspace)
    name = ""
    if row.record:
        # The pages of one source are many runs with one map.
        known = root_run(row.run).rpartition("-")[0] if origin.kind == "source" else root_run(row.run)
        if known not in maps:
            maps[known] = map_of_run(access.workspace, row.run)
        name = name_of_row(row, dataset, maps[known])
    return HeldLine(
        row=row,
        pick=pick_of(row),
        name=name or f"Row {row.row:,}",
        origin=origin,
        origin_href=origin_href(origin, access),
        age=age(now - row.at),
        href=f"{base}data/quarantine/row?{urlencode({'dataset': dataset.name, 'run': row.run, 'row': row.row})}",
    )


def origin_href(origin: Origin, access: Access) -> str:
    """Return where one can read about what brought a row, empty for those who may not."""
    base = base_of(access.workspace)
    if origin.kind == "import" and access.allows("import_data"):
        return f"{base}data/import/{origin.name}"
    if origin.kind in ("source", "events") and origin.name and access.allows("manage_sources"):
        return f"{base}data/sources/{origin.name}"
    return ""


def pick_of(row: HeldRow) -> str:
    """Return how forms name a row."""
    return f"{row.row}:{row.run}"


def picked(values: Sequence[str]) -> list[RowId]:
    """Return the rows that a form names; what names none is left out."""
    found = []
    for value in values:
        number, _, run = value.partition(":")
        if run and number.isascii() and number.isdigit() and len(number) < 19:
            found.append(RowId(run, int(number)))
    return list(dict.fromkeys(found))


def age(passed: timedelta) -> str:
    """Return how long ago something was, in one unit: now, 40 min, 4 h, 5 d."""
    minutes = max(0, int(passed.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min" if minutes else "now"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


def kind_words(kinds: str) -> str:
    """Return the kinds of checks as people call them."""
    return ", ".join(dict.fromkeys(KINDS.get(kind, label_of(kind)) for kind in kinds.split("; ") if kind))


def kind_choices(checks: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Return the kinds to choose from: name, words, and how many rows broke one."""
    return [(kind, KINDS.get(kind, label_of(kind)), count) for kind, count in checks.items()]
