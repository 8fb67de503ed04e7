"""A donut or a pie: how a whole divides. The largest members by name, the rest as one part, the whole asked itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sightline.charts.donut import HEIGHT, Slice, donut_chart
from sightline.dashboards import formats
from sightline.dashboards.figures import figure
from sightline.dashboards.headings import metric_heading
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked
from sightline.dashboards.panels.frame import Answers, frame, nothing
from sightline.dashboards.panels.twin import table_beside
from sightline.dashboards.parts import Figure
from sightline.dashboards.reading import held, is_empty, members
from sightline.dashboards.sheets import Heading
from sightline.dashboards.units import Unit
from sightline.dashboards.view import Cell, ChartView, Column, LegendItem, PanelView, Row
from sightline.definitions.schema.dashboard import DonutChart, PieChart
from sightline.metrics.question import Order

Shares = DonutChart | PieChart
SHARE = Unit("percent", suffix="%", header="%")


def plan(panel: Shares, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the questions of the members and of the whole."""
    order = (Order(panel.metric, descending=True),)
    members_ = asked(panel, slot.selection, (panel.metric,), group_by=(panel.by,), order=order)
    return (
        PlannedQuestion("members", members_),
        PlannedQuestion("whole", asked(panel, slot.selection, (panel.metric,))),
    )


@dataclass(frozen=True)
class _Slice:
    label: str
    figure: Figure
    value: float
    share: float


def view(panel: Shares, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the ring, or the message of an empty one. What is below zero is no share and stands in the table only."""
    answer, page = answers["members"], slot.page
    title = panel.title or f"{page.label(panel.metric)} by {page.dimension(panel.by).lower()}"
    whole = answers["whole"].cell(0, panel.metric).value if answers["whole"].n_rows else None
    if not answer.n_rows or is_empty(answer, (panel.metric,)) or not whole or whole < 0:
        return nothing(panel, slot=slot, answer=answer, title=title)
    about = frame(panel, slot=slot, answer=answer, metrics=(panel.metric,), title=title)
    found = _slices(panel, answers, page, whole)
    negative = [part.label for part in found if part.value < 0]
    if negative:
        about["notes"] = (*about["notes"], f"Below zero, so in the table only: {formats.joined(negative)}.")
    drawn = _drawn(panel, [part for part in found if part.value > 0], page, whole)
    said, kind = formats.number(whole, page.unit(panel.metric), place="tile"), panel.chart
    middle = said if kind == "donut" else ""
    if not middle:
        about["subtitle"] = ", ".join(filter(None, (about["subtitle"], f"{said} in all")))
    about["finding"] = (
        f"{drawn[0].label} is {drawn[0].words.rsplit(', ', 1)[-1]} of {page.label(panel.metric).lower()}"
        if drawn
        else ""
    )
    if panel.title:
        about["finding"] = ""
    spec = donut_chart(drawn, middle=middle)
    return ChartView(
        **about,
        chart=kind,
        spec=spec,
        narrow=donut_chart(drawn, middle=middle, narrow=True),
        sentence=f"{kind.capitalize()}, {title}: {'; '.join(f'{part.label} {part.words}' for part in drawn)}.",
        table=table_beside(about, columns=_columns(panel, page), rows=_rows(found)),
        legend=tuple(
            LegendItem(f"{part.label} {part.words.rsplit(', ', 1)[-1]}", 0 if part.is_rest else number)
            for number, part in enumerate(drawn, start=1)
        ),
        height=HEIGHT,
        picture=donut_chart(drawn, middle=middle, for_file=True),
    )


def _slices(panel: Shares, answers: Answers, page: Page, whole: float) -> list[_Slice]:
    answer = answers["members"]
    found = []
    for row, member in enumerate(members(answer, panel.by, page)):
        cell = answer.cell(row, panel.metric)
        made = figure(cell, answer, page, place="table", held=(held(panel.by, member),))
        found.append(_Slice(member.label, made, cell.value or 0.0, (cell.value or 0.0) / whole))
    return found


def _drawn(panel: Shares, found: Sequence[_Slice], page: Page, whole: float) -> list[Slice]:
    unit = page.unit(panel.metric)
    kept = list(found[: panel.limit])
    if len(found) == panel.limit + 1:
        kept = list(found)  # a rest of one has a name
    slices = [Slice(part.label, part.value, f"{part.figure.text}, {share_words(part.share)}") for part in kept]
    rest = found[len(kept) :]
    if rest:
        value = sum(part.value for part in rest)
        words = f"{formats.number(value, unit)}, {share_words(value / whole)}"
        slices.append(Slice(f"{len(rest)} more", value, words, is_rest=True))
    return slices


def share_words(share: float) -> str:
    """Return a share as people read it: 45%, <1%."""
    return "<1%" if 0 < share < 0.005 else f"{formats.fixed(share * 100, 0)}%"


def _columns(panel: Shares, page: Page) -> list[Column]:
    unit = page.unit(panel.metric)
    label = page.label(panel.metric)
    return [
        Column("member", page.dimension(panel.by), file=Heading(page.dimension(panel.by), "text")),
        Column("value", label, unit.header, True, file=metric_heading(label, panel.metric, page, whole=False)),
        Column("share", "Share", "%", True, file=Heading("Share (%)", "percent")),
    ]


def _rows(found: Sequence[_Slice]) -> list[Row]:
    return [
        Row(
            part.label,
            (
                Cell(part.label),
                Cell(part.figure.text, part.value, figure=part.figure),
                Cell(formats.number(part.share, SHARE, bare=True), raw=part.share),
            ),
        )
        for part in found
    ]
