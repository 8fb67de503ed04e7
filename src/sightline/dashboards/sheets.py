"""A workbook of one table: real numbers with formats, a frozen heading, and a sheet about what it is."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

Kind = Literal["text", "integer", "number", "money", "percent", "points", "date", "datetime"]
About = tuple[tuple[str, str], ...]
LONGEST_TEXT = 32_767
LONGEST_NAME = 31
LONGEST_HEADER = 250
_FORMATS: dict[Kind, str] = {
    "text": "@",
    "integer": "#,##0",
    "number": "#,##0.00",
    "percent": "0.0%",
    "points": '+0.0" pp";-0.0" pp"',
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
    "money": "#,##0.00",
}


@dataclass(frozen=True)
class Heading:
    """A column of a file: its words and how its values are written. `sign` stands before money."""

    label: str
    kind: Kind
    sign: str = ""

    @property
    def number_format(self) -> str:
        if self.kind != "money":
            return _FORMATS[self.kind]
        sign = self.sign.replace('"', "")
        return f'"{sign}"#,##0.00;-"{sign}"#,##0.00' if sign else _FORMATS["money"]


@dataclass(frozen=True)
class Sheet:
    """A table to write. `kinds` says how the numbers of each row are written, where rows differ and columns do not.

    `mark` stands in every form of the file, and on every page that is printed of it.
    """

    title: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Any, ...], ...]
    about: About
    kinds: tuple[Heading, ...] = ()
    mark: About = ()

    def heading(self, row: int, column: int) -> Heading:
        """Return what decides how one cell is written: the row's kind for numbers, else the column's heading."""
        own = self.headings[column]
        return self.kinds[row] if self.kinds and own.kind == "number" else own


def in_zone(rows: Iterable[Sequence[Any]], zone: str) -> tuple[tuple[Any, ...], ...]:
    """Return the rows with moments in the workspace's wall clock: a workbook keeps no zone, its About names it."""
    there = ZoneInfo(zone)
    return tuple(
        tuple(each.astimezone(there) if isinstance(each, datetime) and each.tzinfo else each for each in row)
        for row in rows
    )


def workbook(sheet: Sheet) -> bytes:
    """Return the XLSX file: the table first, "About" second. Text is written as text, so nothing in it can run."""
    import xlsxwriter  # heavy and optional: only when a workbook is asked for

    out = io.BytesIO()
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    with xlsxwriter.Workbook(out, options) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        known = {each.number_format for each in (*sheet.headings, *sheet.kinds)}
        styles = {each: book.add_format({"num_format": each}) for each in sorted(known)}
        table = book.add_worksheet(sheet_name(sheet.title))
        table.freeze_panes(1, 0)
        for column, heading in enumerate(sheet.headings):
            table.write_string(0, column, heading.label, head)
            table.set_column(column, column, _width(heading))
        for index, row in enumerate(sheet.rows):
            for column, value in enumerate(row):
                heading = sheet.heading(index, column)
                _put(table, index + 1, column, value, heading, styles[heading.number_format])
        if sheet.rows and sheet.headings:
            table.autofilter(0, 0, len(sheet.rows), len(sheet.headings) - 1)
        if sheet.mark:
            table.set_header(f"&C{_of_a_header(sheet.mark)}")
        _write_about(book, (*sheet.mark, *sheet.about))
    return out.getvalue()


def _of_a_header(mark: About) -> str:
    """Return the mark as a header of printed pages: at most 255 letters, its ampersands doubled."""
    whole = ". ".join(f"{name}: {text}" for name, text in mark).replace("&", "&&")
    return whole if len(whole) <= LONGEST_HEADER else whole[: LONGEST_HEADER - 1].rstrip("&") + "…"


def _put(table: Any, row: int, column: int, value: Any, heading: Heading, style: Any) -> None:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        table.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        table.write_boolean(row, column, value, style)
    elif isinstance(value, int | float):
        # Points are shares inside (0.031); the format shows 3.1 pp, so the value is given in points.
        table.write_number(row, column, value * 100 if heading.kind == "points" else value, style)
    elif isinstance(value, datetime | date):
        table.write_datetime(row, column, value, style)
    else:
        table.write_string(row, column, str(value)[:LONGEST_TEXT], style)


def _write_about(book: Any, about: About) -> None:
    sheet = book.add_worksheet("About")
    bold, wrap = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True})
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 90)
    for index, (name, text) in enumerate(about):
        sheet.write_string(index, 0, name, bold)
        sheet.write_string(index, 1, text[:LONGEST_TEXT], wrap)


def sheet_name(title: str) -> str:
    """Return a name that Excel accepts: at most 31 UTF-16 units, none of []:*?/\\, never History."""
    plain = re.sub(r"\s+", " ", re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title)).strip().strip("'")
    while len(plain.encode("utf-16-le")) > 2 * LONGEST_NAME:
        plain = plain[:-1]
    name = plain.strip().strip("'")
    return name if name and name.lower() not in ("history", "about") else "Table"


def _width(heading: Heading) -> int:
    return min(44, max(12, len(heading.label) // 2 + 6)) if heading.kind != "text" else 26
