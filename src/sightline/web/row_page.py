"""Rows behind a number as the page prints them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict

from sightline.dashboards import dates, formats
from sightline.definitions.catalog import Catalog
from sightline.ingest.entries import written_moment
from sightline.metrics.result import Column
from sightline.metrics.rows import RowsPage

NUMERIC = frozenset({"integer", "number", "decimal"})
KEEPS = ("page", "sort")


@dataclass(frozen=True)
class Heading:
    """A column head; `href` sorts by it."""

    label: str
    numeric: bool
    sorted: str
    href: str


@dataclass(frozen=True)
class ShownRows:
    """One page of rows in words. `carried` is the address without page and sort."""

    caption: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    total: int
    words: str
    page: int
    pages: int
    newer: str
    older: str
    export: str
    snapshot: int
    sql: str
    corrections: tuple[str, ...] = ()

    @property
    def lines(self) -> list[tuple[list[tuple[str, bool]], str]]:
        """Rows of cells, each with the address at which a person who may corrects it."""
        corrections = self.corrections or ("",) * len(self.rows)
        return list(zip(self.cells, corrections, strict=True))

    @property
    def cells(self) -> list[list[tuple[str, bool]]]:
        return [list(zip(row, self.numeric, strict=True)) for row in self.rows]


def _words(found: RowsPage, *, today: date) -> str:
    """Return how many rows there are, and what the figure is when it counts different values among them."""
    rows = f"{formats.plural(found.total, 'row')} of {found.label.lower()}"
    counted = f" with {found.different:,} different values: the figure" if found.different is not None else ""
    return f"{rows}{counted}, {dates.span(found.period, today=today)}"


def shown_rows(
    found: RowsPage, query: Mapping[str, str], catalog: Catalog, *, today: datetime, corrected_at: str = ""
) -> ShownRows:
    """Return the rows with every value in words. `corrected_at` is the form that corrects one, for who may."""
    zone, sort = catalog.settings.zone, query.get("sort", "")
    local = today.astimezone(ZoneInfo(zone)).date()
    kept = _kept(query)
    return ShownRows(
        caption=f"{found.label}, {dates.span(found.period, today=local)}",
        headings=tuple(_heading(column, sort, kept) for column in found.columns),
        rows=tuple(tuple(_text(value, zone) for value in row) for row in found.rows),
        numeric=tuple(column.type in NUMERIC for column in found.columns),
        total=found.total,
        words=_words(found, today=local),
        page=found.page,
        pages=found.pages,
        newer=_address(kept, sort, found.page - 1) if found.page > 1 else "",
        older=_address(kept, sort, found.page + 1) if found.page < found.pages else "",
        export=kept.urlencode(),
        snapshot=found.snapshot.id,
        sql=found.sql,
        corrections=_corrections(found, catalog, corrected_at) if corrected_at else (),
    )


def _corrections(found: RowsPage, catalog: Catalog, address: str) -> tuple[str, ...]:
    """Return where each row is corrected: the form with its key."""
    definition, zone = catalog.dataset(found.dataset), catalog.settings.zone
    names = [column.name for column in found.columns]
    places = [(name, names.index(name)) for name in definition.key_columns]
    if not places:
        return ()
    keys = [{f"k:{name}": _written(row[place], zone) for name, place in places} for row in found.rows]
    return tuple(f"{address}?{urlencode(key)}" if None not in key.values() else "" for key in keys)


def _written(value: Any, zone: str) -> str | None:
    """Return a part of a key as a form takes it."""
    if isinstance(value, datetime):
        return written_moment(value, zone=zone)
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _kept(query: Mapping[str, str]) -> QueryDict:
    kept = query.copy() if isinstance(query, QueryDict) else QueryDict(mutable=True)
    for name in KEEPS:
        kept.pop(name, None)
    return kept


def _heading(column: Column, sort: str, kept: QueryDict) -> Heading:
    ascending, descending = sort == column.name, sort == f"-{column.name}"
    turned = f"-{column.name}" if ascending else column.name
    state = "ascending" if ascending else "descending" if descending else "none"
    return Heading(column.label, column.type in NUMERIC, state, _address(kept, turned, 1))


def _address(kept: QueryDict, sort: str, number: int) -> str:
    query = kept.copy()
    if sort:
        query["sort"] = sort
    if number > 1:
        query["page"] = str(number)
    return f"?{query.urlencode()}"


def _text(value: Any, zone: str) -> str:
    match value:
        case None:
            return formats.MISSING
        case bool():
            return "Yes" if value else "No"
        case datetime():
            return dates.moment(value, zone=zone)
        case date():
            return dates.day(value)
        case int():
            return f"{value:,}"
        case float() | Decimal():
            return f"{value:,.4f}".rstrip("0").rstrip(".")
    return str(value)
