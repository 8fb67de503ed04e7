"""A heatmap: a real table whose cells are shaded on one ramp, each with its value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from sightline.charts.heatmap import heatmap_chart
from sightline.dashboards import dates, formats
from sightline.dashboards.figures import figure
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked
from sightline.dashboards.panels.frame import Answers, frame, nothing
from sightline.dashboards.parts import Figure
from sightline.dashboards.reading import buckets, held, is_empty, members
from sightline.dashboards.view import HeatCell, HeatmapView, HeatRow, PanelView
from sightline.definitions.schema.dashboard import HeatmapChart
from sightline.definitions.schema.metric import Grain
from sightline.metrics.answer import Answer

STEPS = 7


def plan(panel: HeatmapChart, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the one question: by the rows' dimension and by the columns' dimension or grain."""
    grain = _grain(panel)
    group = (panel.y,) if grain else (panel.y, panel.x)
    return (PlannedQuestion("cells", asked(panel, slot.selection, (panel.metric,), group_by=group, grain=grain)),)


def _grain(panel: HeatmapChart) -> Grain | None:
    return next((grain for grain in get_args(Grain) if grain == panel.x), None)


def view(panel: HeatmapChart, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the table, or the message of an empty one. Firm values only are shaded."""
    answer, page = answers["cells"], slot.page
    title = panel.title or f"{page.label(panel.metric)} by {page.dimension(panel.y).lower()}"
    if not answer.n_rows or is_empty(answer, (panel.metric,)):
        return nothing(panel, slot=slot, answer=answer, title=title)
    about = frame(panel, slot=slot, answer=answer, metrics=(panel.metric,), title=title)
    owners, columns = members(answer, panel.y, page), _columns(panel, answer, page)
    cells: dict[tuple[str, str], Figure] = {}
    places = formats.column_decimals(answer.data[panel.metric], page.unit(panel.metric))
    for row, (owner, column) in enumerate(zip(owners, columns, strict=True)):
        row_held = (held(panel.y, owner),)
        cell = answer.cell(row, panel.metric)
        cells[owner.label, column] = figure(cell, answer, page, place="table", held=row_held, decimals=places)
    firm = [made.value for made in cells.values() if made.state in ("ok", "held") and made.value is not None]
    low, high = (min(firm), max(firm)) if firm else (0.0, 0.0)
    shown = _in_order(panel, columns, answer)
    blank = Figure(formats.MISSING, spoken="no value", state="missing", reason="No data")
    rows = tuple(
        HeatRow(owner, tuple(_shaded(cells.get((owner, column), blank), low, high) for column in shown))
        for owner in dict.fromkeys(owner.label for owner in owners)
    )
    unit = page.unit(panel.metric)
    ends = formats.number(low, unit), formats.number(high, unit)
    return HeatmapView(
        **about,
        caption=f"{title}, {formats.plural(len(rows), 'row')} by {formats.plural(len(shown), 'column')}",
        row_heading=page.dimension(panel.y),
        columns=tuple(shown),
        heat_rows=rows,
        low=ends[0] if firm else "",
        high=ends[1] if firm else "",
        sentence=f"{title}: from {ends[0]} to {ends[1]}." if firm else title,
        picture=_picture(shown, rows),
    )


def _columns(panel: HeatmapChart, answer: Answer, page: Page) -> list[str]:
    grain = _grain(panel)
    if grain:
        return [dates.bucket(at, grain, today=page.today) for at in buckets(answer)]
    return [member.label for member in members(answer, panel.x, page)]


def _in_order(panel: HeatmapChart, columns: Sequence[str], answer: Answer) -> list[str]:
    if not _grain(panel):
        return list(dict.fromkeys(columns))
    first = dict(sorted(zip(buckets(answer), columns, strict=True)))
    return list(dict.fromkeys(first.values()))


def _shaded(made: Figure, low: float, high: float) -> HeatCell:
    if made.value is None or made.state not in ("ok", "held"):
        return HeatCell(made, 0)
    share = (made.value - low) / (high - low) if high > low else 0.5
    return HeatCell(made, min(STEPS, 1 + int(share * STEPS)))


def _picture(columns: Sequence[str], rows: Sequence[HeatRow]) -> dict[str, object]:
    """Return the table as a drawing: what is not firm has its words and no colour."""
    cells = [
        (column, row.label, cell.figure.value if cell.step else None, cell.figure.text)
        for row in rows
        for column, cell in zip(columns, row.cells, strict=True)
    ]
    return dict(heatmap_chart(cells, mode="light"))
