"""Rows pasted from a spreadsheet, and the grid in which they are looked through before they are entered."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from django.http import QueryDict

from sightline.definitions.catalog import did_you_mean
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import UserError
from sightline.ingest.actions.enter_values import MOST_ROWS
from sightline.ingest.mapping import MapFile, match

CELLS = 800
"""As many inputs as a form takes (Django stops at 1,000): larger tables stay text."""
BLANK_ROWS = 4
PREFIX = "c:"

Row = dict[str, str | None]


class BadTable(UserError):
    """What was pasted is no table of the dataset's columns."""

    code = "SL-E411"


@dataclass(frozen=True)
class Grid:
    """Columns (name, label, whether it is part of the key) and the text of each cell."""

    columns: tuple[tuple[str, str, bool], ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def fits(self) -> bool:
        """Whether a form takes the whole of it."""
        return len(self.rows) * len(self.columns) <= CELLS

    @property
    def cells(self) -> list[list[tuple[str, str, str]]]:
        """Rows of (name of the input, what a screen reader calls it, text)."""
        return [
            [
                (f"{PREFIX}{number}:{name}", f"{label}, row {number}", text)
                for (name, label, _), text in zip(self.columns, row, strict=True)
            ]
            for number, row in enumerate(self.rows, 1)
        ]

    @property
    def text(self) -> str:
        """The table as a spreadsheet copies it."""
        out = io.StringIO()
        writer = csv.writer(out, dialect="excel-tab", lineterminator="\n")
        writer.writerow([name for name, *_ in self.columns])
        writer.writerows(self.rows)
        return out.getvalue()


def blank_grid(dataset: Dataset) -> Grid:
    """Return a grid to type into: every column of the dataset."""
    columns = _columns(dataset, [*dataset.key_columns, *(n for n in dataset.columns if n not in dataset.key_columns)])
    return Grid(columns, tuple(("",) * len(columns) for _ in range(BLANK_ROWS)))


def pasted(dataset: Dataset, text: str) -> Grid:
    """Return the table in a text whose columns are divided by tabs. Raises BadTable that names what is wrong."""
    lines = [line for line in csv.reader(io.StringIO(text.strip("\r\n")), dialect="excel-tab") if any(line)]
    if not lines:
        raise BadTable("there is nothing to read", hint="Paste the heading and the rows from a spreadsheet.")
    heads, *rows = lines
    heads = [head.strip() for head in heads]
    found = {source: name for name, source in match(dataset, heads, MapFile()).sources.items()}
    unknown = [head for head in heads if head not in found]
    if unknown or len(set(heads)) != len(heads):
        told = [f'no column "{head}"; {did_you_mean(head, dataset.columns)}' for head in unknown]
        twice = [f'the heading "{head}" is there twice' for head in dict.fromkeys(heads) if heads.count(head) > 1]
        raise BadTable("\n".join([*told, *twice]), hint="The first line names the columns.")
    missing = [name for name in dataset.key_columns if name not in found.values() and name != dataset.time]
    if missing:
        labels = ", ".join(label_of(name, dataset.columns[name].label) for name in missing)
        raise BadTable(f"the table lacks what tells its rows apart: {labels}")
    return Grid(_columns(dataset, [found[head] for head in heads]), _squared(rows, len(heads)))


def _squared(rows: Sequence[Sequence[str]], width: int) -> tuple[tuple[str, ...], ...]:
    if len(rows) > MOST_ROWS:
        raise BadTable(f"{len(rows):,} rows; at most {MOST_ROWS:,} are entered at once", hint="Import a file instead.")
    for number, row in enumerate(rows, 1):
        if any(row[width:]):
            raise BadTable(f"row {number} has {len(row)} values, the heading has {width}")
    return tuple((*row[:width], *[""] * (width - len(row))) for row in rows)


def typed_grid(dataset: Dataset, form: QueryDict) -> Grid | None:
    """Return the grid whose cells were sent, None when none were."""
    names = [name for name in form.getlist("column") if name in dataset.columns]
    numbers = sorted({int(part) for name in form if (part := _number(name))})
    if not names or not numbers:
        return None
    rows = tuple(tuple(form.get(f"{PREFIX}{number}:{name}", "") for name in names) for number in numbers)
    return Grid(_columns(dataset, names), rows)


def _number(name: str) -> str:
    part = name.removeprefix(PREFIX).partition(":")[0] if name.startswith(PREFIX) else ""
    return part if part.isascii() and part.isdigit() and len(part) < 6 else ""


def rows_in(grid: Grid, *, empties: bool) -> list[Row]:
    """Return the rows of a grid. An empty cell leaves the value as it is, or empties it when `empties`."""
    found = []
    for cells in grid.rows:
        if not any(cell.strip() for cell in cells):
            continue
        named = list(zip(grid.columns, cells, strict=True))
        found.append({name: cell.strip() or None for (name, *_), cell in named if cell.strip() or empties})
    return found


def grid_of(dataset: Dataset, rows: Sequence[Mapping[str, str | None]]) -> Grid:
    """Return rows as a grid again, to go on changing them."""
    names = list(dict.fromkeys(name for row in rows for name in row if name in dataset.columns))
    return Grid(_columns(dataset, names), tuple(tuple(row.get(name) or "" for name in names) for row in rows))


def packed(rows: Sequence[Mapping[str, str | None]]) -> str:
    """Return rows as the preview carries them to the confirmation: exactly what was looked at."""
    return orjson.dumps(rows).decode()


def unpacked(text: str) -> list[Row]:
    """Return the rows that a preview carried. Raises BadTable when it is not one of ours."""
    try:
        rows = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadTable("the form is not one of this page", hint="Load the page again.") from error
    if not isinstance(rows, list) or not all(_is_row(row) for row in rows):
        raise BadTable("the form is not one of this page", hint="Load the page again.")
    return rows


def _is_row(row: object) -> bool:
    return isinstance(row, dict) and all(value is None or isinstance(value, str) for value in row.values())


def _columns(dataset: Dataset, names: Sequence[str]) -> tuple[tuple[str, str, bool], ...]:
    return tuple((name, label_of(name, dataset.columns[name].label), name in dataset.key_columns) for name in names)
