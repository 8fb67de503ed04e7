"""A list: rows of a dataset as the viewer may see them, states as words, days that have passed as warnings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sightline.dashboards import dates, formats
from sightline.dashboards.page import Page, PlannedQuestion, PlannedRows, Slot
from sightline.dashboards.panels.frame import Answers, without_figures
from sightline.dashboards.panels.list_effect import columns_of, day_of, effect_cell, questions
from sightline.dashboards.parts import Link, Message
from sightline.dashboards.selection import period_words
from sightline.dashboards.sheets import Heading, Kind
from sightline.dashboards.units import unit_of
from sightline.dashboards.view import Cell, Column, Judged, PanelView, Row, RowGroup, Sorted, TableView
from sightline.definitions.dimensions import Joins
from sightline.definitions.panels import list_columns
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dashboard import ListPanel
from sightline.definitions.schema.dataset import Dataset
from sightline.definitions.schema.list_panels import ListColumn
from sightline.metrics.question import Filter, Order
from sightline.metrics.rows import RowsPage, RowsRequest

ROWS = "rows"
_USUAL: dict[Judged, tuple[str, ...]] = {
    "good": ("done", "closed", "completed", "complete", "resolved", "mitigated", "met", "on track", "passed", "active"),
    "warning": ("medium", "moderate", "at risk", "rising", "waiting", "watch", "in review", "warning"),
    "critical": ("high", "severe", "critical", "blocked", "late", "overdue", "failed", "off track", "lost"),
}
"""What words of a status usually mean; a column may say otherwise."""
_KINDS: dict[str, Kind] = {
    "integer": "integer",
    "number": "number",
    "decimal": "number",
    "date": "date",
    "timestamp": "datetime",
}


def plan(panel: ListPanel, *, slot: Slot) -> tuple[PlannedQuestion, ...]:  # noqa: ARG001 - every kind is asked alike
    """Return no question: rows are not figures."""
    return ()


def rows(panel: ListPanel, *, slot: Slot) -> tuple[PlannedRows, ...]:
    """Return the request for the rows. Filters of the page that the dataset does not reach are left out, and named."""
    key, descending = order_of(panel, slot)
    request = RowsRequest(
        dataset=panel.list,
        filters=_split(panel, slot.page)[0],
        where=panel.where,
        period=panel.period or "all_time",
        order=Order(key, descending) if key else None,
        page_size=panel.limit,
        named=True,
        columns=_read(panel, slot.catalog.dataset(panel.list)),
    )
    return (PlannedRows(ROWS, request),)


def _read(panel: ListPanel, dataset: Dataset) -> tuple[str, ...]:
    """Return the columns that the list needs: those it shows, and what tells the effect and the member of a row."""
    shown = [column.column for _, column in list_columns(panel)]
    shown += columns_of(panel.effect) if panel.effect else ()
    return tuple(shown) if not panel.drill or dataset.primary is None else (*shown, dataset.primary[1].column)


def follow(panel: ListPanel, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the questions that the rows lead to: how the metrics of their effects were before and after."""
    found = slot.rows.get(ROWS)
    return questions(panel.effect, _records(found), slot=slot) if panel.effect and found else ()


def _split(panel: ListPanel, page: Page) -> tuple[tuple[Filter, ...], tuple[str, ...]]:
    """Return the filters that hold here, and the labels of those that do not."""
    reached = Joins.of(page.catalog).dimensions(panel.list)
    own = tuple(each for each in page.selection.filters if each.dimension in reached)
    return own, tuple(page.dimension(each.dimension) for each in page.selection.filters if each not in own)


def order_of(panel: ListPanel, slot: Slot) -> tuple[str, bool]:
    """Return the column the rows are sorted by and whether descending: the reader's choice, else the panel's."""
    known = {column.column for _, column in list_columns(panel)}
    chosen = slot.selection.sort_of(slot.id) or ""
    text = chosen if chosen.removeprefix("-") in known else panel.sort or ""
    return text.removeprefix("-"), text.startswith("-")


def view(panel: ListPanel, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the list, or why it is empty."""
    found, page = slot.rows[ROWS], slot.page
    dataset = page.catalog.dataset(panel.list)
    title = panel.title or label_of(dataset.name, dataset.label)
    own, unreached = _split(panel, page)
    if not found.total:
        return without_figures(
            panel, slot=slot, state="no_match" if own else "empty", message=_none(slot, own), title=title
        )
    records = _records(found)
    made = tuple(
        _row(panel, str(number), record, names, dataset, page)
        for number, (record, names) in enumerate(zip(records, found.names, strict=True))
    )
    if panel.effect:
        effects = [effect_cell(panel.effect, record, slot=slot, answers=answers) for record in records]
        made = tuple(replace(row, cells=(*row.cells, effect)) for row, effect in zip(made, effects, strict=True))
    shown = len(made)
    late = sum(1 for row in made for cell in row.cells if cell.status == "overdue")
    limited = found.total > shown
    notes = (f"Not narrowed by {formats.joined(unreached).lower()}: it is not part of this list.",) if unreached else ()
    return TableView(
        id=slot.id,
        title=title,
        subtitle=panel.subtitle or _subtitle(panel, found, late, page),
        span=panel.span or 12,
        note=panel.note,
        export_name=f"{page.path.split('/')[-1]}-{slot.id}",
        notes=notes,
        caption=f"{title}, {formats.plural(found.total, 'row')}",
        columns=_columns(panel, dataset, slot),
        groups=(RowGroup("", made),),
        total_rows=found.total,
        shown_rows=shown,
        limited=limited,
        limited_words=f"{shown:,} of {found.total:,} rows shown; an export has all of them." if limited else "",
    )


def _none(slot: Slot, own: tuple[Filter, ...]) -> Message:
    if own:
        clear = slot.page.link(slot.selection.without_filters())
        return Message("Nothing matches", "No rows for these filters.", "Clear filters", clear)
    return Message("Nothing here", "There are no rows to list.")


def _subtitle(panel: ListPanel, found: RowsPage, late: int, page: Page) -> str:
    parts = [formats.plural(found.total, "row")]
    parts += [f"{late} overdue"] if late else []
    parts += [period_words(panel.period, today=page.today).lower()] if panel.period else []
    return ", ".join(parts)


def _records(found: RowsPage) -> list[dict[str, Any]]:
    names = [column.name for column in found.columns]
    return [dict(zip(names, row, strict=True)) for row in found.rows]


def _columns(panel: ListPanel, dataset: Dataset, slot: Slot) -> tuple[Column, ...]:
    listed = tuple(_column(column, panel, dataset, slot) for _, column in list_columns(panel))
    effect = panel.effect
    return (*listed, Column("effect", effect.label, file=Heading(effect.label, "text"))) if effect else listed


def _column(column: ListColumn, panel: ListPanel, dataset: Dataset, slot: Slot) -> Column:
    spec = dataset.columns[column.column]
    label = column.label or label_of(column.column, spec.label)
    key, descending = order_of(panel, slot)
    state: Sorted = "none"
    following = column.column
    if column.column == key:
        state = "descending" if descending else "ascending"
        following = column.column if descending else f"-{column.column}"
    return Column(
        column.column,
        label,
        numeric=spec.type in ("integer", "number", "decimal"),
        sortable=True,
        sorted=state,
        sort_link=slot.page.link(slot.selection.with_sort(slot.id, following)),
        minor=column.show == "plain" and column != next(each for _, each in list_columns(panel)),
        file=Heading(label, _KINDS.get(spec.type, "text")),
    )


def _row(
    panel: ListPanel, key: str, record: Mapping[str, Any], names: Mapping[str, str], dataset: Dataset, page: Page
) -> Row:
    columns = [column for _, column in list_columns(panel)]
    settled = any(judged(column, record[column.column]) == "good" for column in columns if column.show == "status")
    cells = tuple(
        Cell(names[column.column], names[column.column], raw=names[column.column])
        if column.show == "plain" and column.column in names
        else _cell(column, record[column.column], dataset, page, settled=settled)
        for column in columns
    )
    return Row(key, cells, _drill(panel, record, dataset, page))


def _drill(panel: ListPanel, record: Mapping[str, Any], dataset: Dataset, page: Page) -> Link:
    if not panel.drill or dataset.primary is None:
        return Link()
    name, entity = dataset.primary
    there = page.selection.with_values(name, (record[entity.column],))
    return Link(f"d/{panel.drill}", there.context_pairs())


def _cell(column: ListColumn, value: Any, dataset: Dataset, page: Page, *, settled: bool) -> Cell:
    text = _words(value, dataset, column.column, page)
    if column.show == "status":
        said = judged(column, value)
        return Cell(text[:1].upper() + text[1:], text, status=said if value is not None else "", raw=_raw(value))
    if column.show == "metric" and value in page.catalog.metrics:
        link = Link(f"metrics/{value}", page.selection.context_pairs())
        return Cell(page.label(value), text, link=link, raw=value)
    if column.show == "due" and value is not None and not settled and day_of(value, page) < page.today:
        return Cell(f"{text}, overdue", text, status="overdue", raw=_raw(value))
    return Cell(text, text, raw=_raw(value))


def judged(column: ListColumn, value: Any) -> Judged:
    """Return what a word of a status means: as the column says, else as it usually does."""
    word = str(value).strip().lower().replace("_", " ")
    own = {"good": column.good, "warning": column.warning, "critical": column.critical}
    for status, words in own.items():
        if word in [each.lower().replace("_", " ") for each in words]:
            return status  # type: ignore[return-value] # the three statuses
    return next((status for status, words in _USUAL.items() if word in words), "none")


def _words(value: Any, dataset: Dataset, name: str, page: Page) -> str:
    spec, zone = dataset.columns[name], page.catalog.settings.zone
    if value is None:
        return formats.MISSING
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return dates.moment(value, zone=zone, today=page.today)
    if isinstance(value, date):
        return dates.day(value, today=page.today)
    if isinstance(value, int | float | Decimal):
        code = spec.currency if spec.currency and spec.currency not in dataset.columns else None
        return formats.number(
            float(value), unit_of(code or spec.unit or "count", currency=page.catalog.settings.currency)
        )
    return str(value).replace("_", " ") if spec.dimension else str(value)


def _raw(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
