"""A table as CSV: plain, or after lines that say what it is."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any

from sightline.dashboards.sheets import Sheet

MARK = "# "
_SPLITS = frozenset(',;\t"')


def to_csv(sheet: Sheet, *, context: bool = False) -> bytes:
    """Return RFC 4180 text with a byte order mark, so that Excel reads it as UTF-8. One heading row, then the rows.

    With `context`, lines `# name: text` come first; the heading is the first row that does not begin with "# ". What
    marks a sheet as confidential comes first in any case.
    """
    out = io.StringIO(newline="")
    out.writelines(_said(name, text) for name, text in (*sheet.mark, *(sheet.about if context else ())))
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_heading(heading.label) for heading in sheet.headings])
    for row in sheet.rows:
        writer.writerow([_written(value) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def guarded(text: str) -> str:
    """Return text that no spreadsheet runs as a formula: an apostrophe goes before = + - @, tab and line break."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def _said(name: str, text: str) -> str:
    """Return one line. Quoted when a program might split it, or a filter's value could begin a cell and be run."""
    line = f"{MARK}{name}: {' '.join(text.split())}"
    if _SPLITS & set(line):
        line = '"' + line.replace('"', '""') + '"'
    return line + "\r\n"


def _heading(label: str) -> str:
    """Return the label as it stands in a file, never taken for a line about the file."""
    return f"'{label}" if label.startswith("#") else guarded(label)


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    return guarded(str(value))
