"""An answer on the terminal: as a table for people, or as CSV for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from sqlglot import transpile

from sightline.dashboards import dates, formats
from sightline.dashboards.units import Unit, unit_of
from sightline.definitions.dimensions import NONE
from sightline.metrics.answer import Answer, Cell, Column, Explanation
from sightline.metrics.document import data_through, is_funnel, text_of, visible

FIGURES = ("metric", "part", "previous", "change", "target")
NO_UNIT = Unit("count")
STATE_WORDS = {
    "no_data": "no data",
    "hidden": "not for this role",
    "zero_denominator": "no denominator",
    "mixed_currencies": "mixed currencies",
    "no_rate": "no exchange rate",
    "no_history": "not so far back",
    "undefined": "undefined",
    "not_reached": "not reached",
}


def answer_table(answer: Answer, *, currency: str) -> RenderableType:
    """Return the rows as a table: numbers right-aligned, units in the header, what is no number in words."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    columns, rows = visible(answer)
    units = {column.metric: unit_of(column.unit, currency=currency) for column in columns if column.role == "metric"}
    units |= {column.name: unit_of(column.unit, currency=currency) for column in columns if column.role == "metric"}
    for column in columns:
        table.add_column(
            _heading(column, units.get(column.metric or column.name, NO_UNIT)),
            justify="right" if column.role in FIGURES else "left",
        )
    for index, row in enumerate(rows):
        cells = (
            _shown(answer, index, column, value, units.get(column.metric or column.name, NO_UNIT))
            for column, value in zip(columns, row, strict=True)
        )
        table.add_row(*(Text(cell) for cell in cells))
    return Group(table, Text("\n".join(_footer(answer)), style="dim"))


def answer_csv(answer: Answer) -> str:
    """Return a header of column names and the rows at full precision; an empty field is a missing value."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    columns, rows = visible(answer)
    writer.writerow([column.name for column in columns])
    writer.writerows([text_of(value) for value in row] for row in rows)
    return buffer.getvalue()


def state_words(cell: Cell) -> str:
    """Return in words why a figure is none, or not to be read bare: "n too small (12)", "no denominator"."""
    if cell.state == "too_few":
        return f"n too small ({formats.MISSING if cell.n is None else f'{cell.n:,}'})"
    return STATE_WORDS.get(cell.state, cell.state.replace("_", " "))


def explanation_text(explanation: Explanation, *, today: date) -> Text:
    """Return one explained number as lines of a name and a value."""
    text = Text()
    text.append(f"\n{explanation.label} ", style="bold").append(f"({explanation.metric})\n")
    for name, value in _explained(explanation, today):
        text.append(f"  {name:<13}", style="dim").append(f"{value}\n")
    return text


def sql_text(answer: Answer) -> Text:
    """Return the statement that was run, one clause to a line."""
    dialect = "duckdb"
    return Text(f"\n{transpile(answer.sql, read=dialect, write=dialect, pretty=True)[0]}\n", style="dim")


def _heading(column: Column, unit: Unit) -> str:
    label = column.label or column.name
    if column.role == "change":
        return label
    return f"{label} ({unit.header})" if column.role in FIGURES and unit.header else label


def _shown(answer: Answer, row: int, column: Column, value: object, unit: Unit) -> str:
    if column.role == "metric" and not is_funnel(answer):
        cell = answer.cell(row, column.metric or column.name)
        return formats.number(cell.value, unit, bare=True) if cell.state == "ok" else state_words(cell)
    if column.role == "change" and column.metric:
        return _change(answer.cell(row, column.metric), unit)
    if column.role in FIGURES:
        return formats.number(float(value), unit, bare=True) if isinstance(value, int | float) else formats.MISSING
    if column.role == "period" and answer.question.grain and isinstance(value, date | datetime):
        return dates.bucket(value, answer.question.grain)
    held = next((each for each in answer.dimensions if each.name == column.name), None)
    if held is not None and (value is None or isinstance(value, str)):
        return held.word(value)
    return NONE if value is None else text_of(value)


def _change(cell: Cell, unit: Unit) -> str:
    if cell.change is None:
        return formats.MISSING
    sign = formats.MINUS if cell.change < 0 else "+" if cell.change > 0 else ""
    return f"{sign}{formats.change_size(cell.change, cell.change_kind, unit)}"


def _footer(answer: Answer) -> Iterator[str]:
    shown = formats.plural(answer.n_rows, "row")
    if answer.total_rows > answer.n_rows:
        shown = f"{answer.n_rows:,} of {formats.plural(answer.total_rows, 'row')}"
    through = data_through(answer.sources)
    parts = [
        shown,
        dates.span(answer.period) + (" (to date)" if answer.is_open and answer.period.end else ""),
        f"data to {dates.moment(through, zone=answer.zone)}" if through else "no data yet",
        answer.zone,
        f"snapshot {answer.snapshot.id}",
    ]
    yield " · ".join(parts)
    yield from answer.notes


def _explained(explanation: Explanation, today: date) -> Iterator[tuple[str, str]]:
    yield from ((name, value) for name, value in [("meaning", explanation.description)] if value)
    yield "formula", explanation.formula
    yield "", explanation.filled
    yield from (("filter", f"{name}: {value}") for name, value in explanation.filters)
    yield "period", f"{dates.span(explanation.period, today=today)} ({explanation.zone})"
    if explanation.comparison:
        yield "against", dates.span(explanation.comparison, today=today)
    if explanation.cell.n is not None:
        yield "n", f"{explanation.cell.n:,}"
    if explanation.cell.state != "ok":
        yield "state", state_words(explanation.cell)
    for source in explanation.sources:
        through = dates.moment(source.data_through, zone=explanation.zone) if source.data_through else "no date"
        yield "source", f"{source.dataset}: {formats.plural(source.rows, 'row')}, data to {through}, {source.state}"
    yield "snapshot", str(explanation.snapshot)
    yield "definition", f"{explanation.definition} (version {explanation.digest[:12]})"
    yield from (("note", note) for note in explanation.notes)
