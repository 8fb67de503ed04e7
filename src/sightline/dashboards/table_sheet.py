"""A table as it stands on the page, as a sheet of a file: the same rows, with real numbers."""

from __future__ import annotations

from typing import Any

from sightline.dashboards import formats
from sightline.dashboards.sheets import Heading, Sheet
from sightline.dashboards.view import Cell, Column, PanelView, TableView

_PLAIN = Heading("", "number")


def table_of(view: PanelView) -> TableView | None:
    """Return the table that says what the panel shows: itself, or its twin."""
    if isinstance(view, TableView):
        return view
    found = getattr(view, "as_table", None) or getattr(view, "table", None)
    return found if isinstance(found, TableView) else None


def sheet_of(table: TableView, *, title: str) -> Sheet:
    """Return the rows of the page, drawings left out; groups become a first column."""
    places = [place for place, column in enumerate(table.columns) if not column.spark]
    grouped = any(group.label for group in table.groups)
    headings = tuple(_heading(table.columns[place]) for place in places)
    if grouped:
        headings = (Heading("Group", "text"), *headings)
    rows: list[tuple[Any, ...]] = []
    kinds: list[Heading] = []
    for group in table.groups:
        for row in group.rows:
            own = tuple(_value(row.cells[place]) for place in places)
            rows.append((group.label, *own) if grouped else own)
            kinds.append(row.file or _PLAIN)
    if table.total:
        own = tuple(_value(table.total[place]) for place in places)
        rows.append(("", *own) if grouped else own)
        kinds.append(_PLAIN)
    by_row = any(row.file for group in table.groups for row in group.rows)
    return Sheet(title, headings, tuple(rows), (), tuple(kinds) if by_row else ())


def _heading(column: Column) -> Heading:
    if column.file is not None:
        return column.file
    return Heading(f"{column.label} ({column.unit})" if column.unit else column.label, "text")


def _value(cell: Cell) -> Any:
    if cell.raw is not None:
        return cell.raw
    if cell.figure is not None:
        return cell.figure.value
    return None if cell.text in ("", formats.MISSING) else cell.text
