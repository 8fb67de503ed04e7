"""The pages that no YAML describes as files: a panel of a metric's page, and members side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sightline.dashboards.answering import Asker
from sightline.dashboards.build import asker_of, page_of
from sightline.dashboards.compare import Compared, compared, side_by_side
from sightline.dashboards.export import Export, ExportError, Form, export_planned, export_sheet
from sightline.dashboards.headings import metric_heading
from sightline.dashboards.metric_page import planned_panels
from sightline.dashboards.metric_tree import tree_of
from sightline.dashboards.page import Page
from sightline.dashboards.selection import Selection
from sightline.dashboards.sheets import Heading, Sheet
from sightline.dashboards.table_sheet import sheet_of
from sightline.dashboards.watermark import metrics_watermark
from sightline.definitions.catalog import UnknownName
from sightline.definitions.policy import Viewer
from sightline.errors import NotAllowed
from sightline.metrics.answer import Answer
from sightline.metrics.warehouse import Warehouse

TREE = "tree"
"""What the tree of a metric is called where panels of its page are exported."""


def export_metric_panel(
    name: str,
    panel_id: str,
    selection: Selection,
    viewer: Viewer,
    *,
    warehouse: Warehouse,
    now: datetime,
    form: Form,
    workspace: str = "",
) -> Export:
    """Return one panel of a metric's page, every row of it. Raises NotAllowed, UnknownName or ExportError."""
    _may_export(viewer)
    asker = asker_of(viewer, warehouse=warehouse, now=now, selection=selection)
    mark = metrics_watermark((name,), viewer, catalog=warehouse.catalog, workspace=workspace, now=now)
    page = replace(page_of(f"metrics/{name}", selection, asker), mark=mark)
    if panel_id == TREE:
        return _tree(name, asker, page, form=form)
    panels = {each.slot.id: each for each in planned_panels(name, page, warehouse=warehouse)}
    if panel_id not in panels:
        raise UnknownName("panel", panel_id, list(panels))
    planned = panels[panel_id]
    title = f"{page.label(name)}: {planned.panel.title or 'now'}"
    file = f"{name}-{planned.panel.title.lower().replace(' ', '-')}" if planned.panel.title else name
    return export_planned(planned, asker, title=title, name=file, page=page, form=form)


def _tree(name: str, asker: Asker, page: Page, *, form: Form) -> Export:
    view, answers = tree_of(name, page, asker)
    known = [answer for answer in answers.values() if isinstance(answer, Answer)]
    if not known:
        raise ExportError("no part of this metric has a value", hint="Open the tree to see why.")
    sheet = sheet_of(view.table, title=view.title)
    sources = {source.dataset: source for answer in known for source in answer.sources}
    whole = replace(known[0], sources=tuple(sources.values()), total_rows=len(sheet.rows))
    return export_sheet(sheet, whole, name=f"{name}-tree", page=page, viewer=asker.viewer, form=form)


def export_comparison(
    entity: str,
    keys: Sequence[str],
    metrics: Sequence[str],
    selection: Selection,
    viewer: Viewer,
    *,
    warehouse: Warehouse,
    now: datetime,
    form: Form,
    workspace: str = "",
) -> Export:
    """Return members side by side as the page shows them: a row per metric. Raises what `compare_view` raises."""
    _may_export(viewer)
    asker = asker_of(viewer, warehouse=warehouse, now=now, selection=selection)
    mark = metrics_watermark(metrics, viewer, catalog=warehouse.catalog, workspace=workspace, now=now)
    page = replace(page_of("compare", selection, asker), mark=mark)
    found = compared(entity, keys, metrics, asker=asker, page=page)
    answers = list(found.answers.values())
    sources = {source.dataset: source for answer in answers for source in answer.sources}
    notes = tuple(dict.fromkeys(note for answer in answers for note in answer.notes))
    whole = replace(answers[0], sources=tuple(sources.values()), notes=notes, total_rows=len(answers))
    return export_sheet(_sheet(found), whole, name=f"compare-{entity}", page=found.page, viewer=viewer, form=form)


def _sheet(found: Compared) -> Sheet:
    """Return a row per metric: its label with the unit, a value per member, then what it was, then observations."""
    page = found.page
    numbers = {metric: found.numbers(metric) for metric in found.answers}
    kinds = [
        metric_heading(page.label(metric), metric, page, whole=all(_whole(cell.value) for cell in cells.values()))
        for metric, cells in numbers.items()
    ]
    compared_with = any(answer.comparison for answer in found.answers.values())
    counted = [metric for metric in numbers if page.catalog.metric(metric).min_n]
    headings = [Heading("Metric", "text"), *(Heading(each.label, "number") for each in found.members)]
    if compared_with:
        headings += [Heading(f"{each.label}, previous", "number") for each in found.members]
    if counted:
        headings += [Heading(f"{each.label}, observations", "integer") for each in found.members]
    rows: list[tuple[Any, ...]] = []
    for kind, (metric, cells) in zip(kinds, numbers.items(), strict=True):
        own = [cells.get(each.text_key) for each in found.members]
        row: list[Any] = [kind.label, *(cell.value if cell else None for cell in own)]
        if compared_with:
            row += [cell.previous if cell else None for cell in own]
        if counted:
            row += [cell.n if cell and metric in counted else None for cell in own]
        rows.append(tuple(row))
    return Sheet(side_by_side(found), tuple(headings), tuple(rows), (), tuple(kinds))


def _whole(value: float | None) -> bool:
    return value is None or isinstance(value, int) or float(value).is_integer()


def _may_export(viewer: Viewer) -> None:
    if not viewer.policy.allows("export"):
        raise NotAllowed("your role may not export", hint="Ask an administrator for the export permission.")
