"""A table or a panel as a file: every row the viewer may export, real numbers, and what they are in the file itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sightline.dashboards import dates, formats
from sightline.dashboards.answering import Asker, Failure
from sightline.dashboards.build import (
    PlannedPanel,
    asker_of,
    dataset_rows,
    page_of,
    panel_ids,
    panel_view,
    plan_panels,
)
from sightline.dashboards.csv_text import to_csv
from sightline.dashboards.forecast_file import with_forecast
from sightline.dashboards.headings import metric_heading
from sightline.dashboards.list_file import list_rows, list_sheet
from sightline.dashboards.page import Page
from sightline.dashboards.selection import Selection, period_words
from sightline.dashboards.sheets import About, Heading, Sheet, in_zone, workbook
from sightline.dashboards.table_sheet import sheet_of, table_of
from sightline.dashboards.watermark import watermark
from sightline.definitions.catalog import UnknownName
from sightline.definitions.policy import Viewer
from sightline.definitions.schema.dashboard import Dashboard
from sightline.errors import NotAllowed, UserError
from sightline.metrics.answer import Answer, Column
from sightline.metrics.document import data_through
from sightline.metrics.question import Filter, Period
from sightline.metrics.warehouse import Warehouse

Form = Literal["csv", "csv_with_context", "xlsx"]
CSV = "text/csv; charset=utf-8"
MEDIA: dict[Form, str] = {
    "csv": CSV,
    "csv_with_context": CSV,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ExportError(UserError):
    """The panel cannot be exported as asked."""

    code = "SL-E069"


@dataclass(frozen=True)
class Export:
    """A file. `rows` are in it, `total_rows` exist: they differ only by the role's limit, and the file says so."""

    name: str
    media_type: str
    body: bytes
    rows: int
    total_rows: int

    @property
    def limited(self) -> bool:
        return self.rows < self.total_rows


def export_panel(
    dashboard: Dashboard,
    panel_id: str,
    selection: Selection,
    viewer: Viewer,
    *,
    warehouse: Warehouse,
    now: datetime,
    form: Form,
    workspace: str = "",
) -> Export:
    """Return the panel's rows as a file, with the page's filters. Raises NotAllowed, UnknownName or ExportError."""
    if not viewer.policy.allows("export"):
        raise NotAllowed("your role may not export", hint="Ask an administrator for the export permission.")
    asker = asker_of(viewer, warehouse=warehouse, now=now, selection=selection)
    mark = watermark(dashboard, viewer, catalog=warehouse.catalog, workspace=workspace, now=now)
    page = replace(page_of(f"d/{dashboard.name}", selection, asker), mark=mark)
    ids = panel_ids(dashboard)
    if panel_id not in ids:
        raise UnknownName("panel", panel_id, ids)
    planned = plan_panels(dashboard, page)[ids.index(panel_id)]
    title = f"{dashboard.title}: {planned.panel.title or panel_id.replace('_', ' ').capitalize()}"
    name = f"{dashboard.name}-{panel_id}"
    return export_planned(planned, asker, title=title, name=name, page=page, form=form)


def export_planned(planned: PlannedPanel, asker: Asker, *, title: str, name: str, page: Page, form: Form) -> Export:
    """Return a panel as a file: the answer behind it with its forecast, or of some kinds the table it shows."""
    if planned.rows and not planned.questions:
        return _export_list(planned, asker, title=title, name=name, page=page, form=form)
    if planned.kind.whole:
        return _export_table(planned, asker, title=title, name=name, page=page, form=form)
    answer = all_rows(planned, asker)
    columns = columns_of(answer, page)
    sheet, answer = with_forecast(
        _sheet(answer, columns, title=title), answer, planned, asker, columns=[each for _, each in columns]
    )
    return export_sheet(sheet, answer, name=name, page=page, viewer=asker.viewer, form=form)


def _export_table(planned: PlannedPanel, asker: Asker, *, title: str, name: str, page: Page, form: Form) -> Export:
    """Return the table that the panel shows, every row of it."""
    answers = asker.answers(each.question for each in planned.questions)
    view = panel_view(planned, answers, dataset_rows(planned, asker))
    if view.state == "denied" and view.message:
        raise NotAllowed(view.message.text)
    table = table_of(view)
    known = [answer for answer in answers.values() if isinstance(answer, Answer)]
    if table is None or not known:
        raise ExportError(view.message.text if view.message else "this panel has no rows")
    sheet = sheet_of(table, title=title)
    sources = {source.dataset: source for answer in known for source in answer.sources}
    notes = tuple(dict.fromkeys(note for answer in known for note in answer.notes))
    whole = replace(known[0], sources=tuple(sources.values()), notes=notes, total_rows=len(sheet.rows))
    return export_sheet(sheet, whole, name=name, page=page, viewer=asker.viewer, form=form)


def _export_list(planned: PlannedPanel, asker: Asker, *, title: str, name: str, page: Page, form: Form) -> Export:
    rows = list_rows(planned, asker)
    sheet = list_sheet(planned, rows, asker, title=title, page=page)
    zone = page.catalog.settings.zone
    file = file_name(name, rows.period, through=None, zone=zone, at=asker.now, form=form)
    return Export(file, MEDIA[form], written(sheet, form), len(sheet.rows), rows.total)


def all_rows(planned: PlannedPanel, asker: Asker) -> Answer:
    """Return the answer of the panel's first question without its limit: what the screen cut, the file has."""
    if not planned.questions:
        failed = planned.failed
        raise ExportError(failed.text if failed else "this panel has no rows", hint=failed.hint if failed else "")
    found = asker.answer(replace(planned.questions[0].question, limit=None))
    if isinstance(found, Failure):
        if found.denied:
            raise NotAllowed(found.text, hint=found.hint)
        raise ExportError(found.text, hint=found.hint or "Open the panel to see why.")
    return found


def _sheet(answer: Answer, columns: Sequence[tuple[Heading, str]], *, title: str) -> Sheet:
    return Sheet(title, tuple(heading for heading, _ in columns), tuple(rows_of(answer, columns)), ())


def export_sheet(sheet: Sheet, answer: Answer, *, name: str, page: Page, viewer: Viewer, form: Form) -> Export:
    """Return a sheet made from this answer as a file: as much as the viewer may export, and what it is."""
    if not viewer.policy.allows("export"):
        raise NotAllowed("your role may not export", hint="Ask an administrator for the export permission.")
    kept = in_zone(sheet.rows[: viewer.policy.export_limit], answer.zone)
    about = about_of(answer, title=sheet.title, page=page, viewer=viewer, shown=len(kept))
    whole = replace(sheet, rows=kept, about=about, mark=page.mark)
    through = data_through(answer.sources)
    file = file_name(name, answer.period, through=through, zone=answer.zone, at=answer.asked_at, form=form)
    return Export(file, MEDIA[form], written(whole, form), len(kept), answer.total_rows)


def written(sheet: Sheet, form: Form) -> bytes:
    """Return the sheet as a file of this form."""
    return workbook(sheet) if form == "xlsx" else to_csv(sheet, context=form == "csv_with_context")


def file_name(name: str, period: Period, *, through: datetime | None, zone: str, at: datetime, form: Form) -> str:
    """Return a name that says which days are in the file, up to when there was data, and when it was made."""
    last = period.end and period.end - timedelta(days=1)
    days = f"{period.start or 'begin'}-to-{last or 'now'}" if period.start or last else "all-time"
    data = f"-data-to-{through.astimezone(ZoneInfo(zone)):%Y-%m-%d}" if through else ""
    return f"{name}-{days}{data}-{dates.stamp(at, zone=zone)}.{form.partition('_')[0]}"


def columns_of(answer: Answer, page: Page) -> list[tuple[Heading, str]]:
    """Return the columns of the file with where their values come from, observations beside rates that need them."""
    found: list[tuple[Heading, str]] = []
    for column in answer.columns:
        found.append((_heading(column, page), column.name))
        if column.role == "metric" and column.metric and page.catalog.metric(column.metric).min_n:
            found.append((Heading(f"{column.label}, observations", "integer"), f"n:{column.metric}"))
    return found


def _heading(column: Column, page: Page) -> Heading:
    if column.role in ("dimension", "label", "period"):
        return Heading(
            column.label, "date" if column.type == "date" else "datetime" if column.type == "timestamp" else "text"
        )
    if column.role == "change":
        return Heading(column.label, "points" if column.unit == "points" else "percent")
    if column.metric and column.role != "part":
        return metric_heading(column.label, column.metric, page, whole=column.type == "integer")
    return Heading(column.label, "integer" if column.type == "integer" else "number")


def rows_of(answer: Answer, columns: Sequence[tuple[Heading, str]]) -> list[tuple[Any, ...]]:
    """Return the values of every row, raw: numbers stay numbers."""
    sources: list[list[Any]] = []
    for _, name in columns:
        if name.startswith("n:"):
            sources.append([answer.cell(row, name[2:]).n for row in range(answer.n_rows)])
        else:
            sources.append(answer.data[name])
    return list(zip(*sources, strict=True))


def about_of(answer: Answer, *, title: str, page: Page, viewer: Viewer, shown: int) -> About:
    """Return what the file says of itself."""
    zone, today = page.catalog.settings.zone, page.today
    rows = f"{shown:,} of {answer.total_rows:,}" if shown < answer.total_rows else f"{shown:,}, all of them"
    filters = "; ".join(f"{page.dimension(item.dimension)}: {_values(item)}" for item in answer.question.filters)
    through = [source for source in answer.sources if source.data_through]
    lines = [
        ("Title", title),
        ("Period", f"{dates.span(answer.period, today=None)} ({period_words(page.selection.period, today=today)})"),
        ("Compared with", dates.span(answer.comparison) if answer.comparison else "nothing"),
        ("Filters", filters or "none"),
        ("Condition", answer.question.where or "none"),
        ("Time zone", zone),
        ("Rows", rows),
        *(("Data through", f"{source.label}: {_moment(source.data_through, zone)}") for source in through),
        ("Snapshot", str(answer.snapshot.id)),
        ("Definitions", page.catalog.digest[:12]),
        ("Generated at", _moment(answer.asked_at, zone)),
        ("By", viewer.name),
        *(("Note", note) for note in answer.notes),
    ]
    if shown < answer.total_rows:
        lines.append(("Limit", f"Your role may export {shown:,} rows; {answer.total_rows - shown:,} are left out."))
    return tuple((name, text) for name, text in lines)


def _values(item: Filter) -> str:
    return ", ".join("not set" if value is None else str(value) for value in item.values)


def _moment(at: datetime | None, zone: str) -> str:
    return dates.moment(at, zone=zone) if at is not None else ""


def said(export: Export) -> str:
    """Return what the page says after an export: 18 rows, or how many the role's limit left out."""
    if not export.limited:
        return formats.plural(export.rows, "row")
    return f"{export.rows:,} of {export.total_rows:,} rows: your role's export limit"
