"""A quadrant scatter: volume against conversion, split at the median, the total or a set value."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from statistics import median
from typing import Literal

from sightline.charts.scatter import HEIGHT, SHAPES, scatter_chart
from sightline.charts.series import Dot, Reference
from sightline.dashboards import formats
from sightline.dashboards.figures import figure
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked
from sightline.dashboards.panels.frame import Answers, frame, nothing
from sightline.dashboards.panels.twin import Lines, axis_of, twin
from sightline.dashboards.reading import Member, held, members
from sightline.dashboards.view import ChartView, Column, LegendItem, PanelView
from sightline.definitions.schema.dashboard import ScatterChart
from sightline.metrics.answer import Answer


def plan(panel: ScatterChart, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the question of the dots and, for quadrants at the total, the total's."""
    metrics = tuple(name for name in (panel.x, panel.y, panel.size) if name)
    group = tuple(name for name in (panel.by, panel.colour) if name)
    questions = [PlannedQuestion("dots", asked(panel, slot.selection, metrics, group_by=group))]
    if panel.quadrants == "total":
        questions += [PlannedQuestion("total", asked(panel, slot.selection, metrics))]
    return tuple(questions)


def view(panel: ScatterChart, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the chart with its twin. Members without both numbers, or with too few cases, are in the table only."""
    answer, page = answers["dots"], slot.page
    title = panel.title or f"{page.label(panel.x)} against {page.label(panel.y).lower()}"
    dots, rows = _dots(panel, answer, page)
    if not dots:
        return nothing(panel, slot=slot, answer=answer, title=title)
    about = frame(panel, slot=slot, answer=answer, metrics=(panel.x, panel.y), title=title)
    left_out = [heading for heading, _ in rows if heading not in {dot.label for dot in dots}]
    if left_out:
        about["notes"] = (*about["notes"], f"Not drawn, too few cases or no value: {formats.joined(left_out)}.")
    lines = {axis: _reference(panel, axis, dots, answers, page) for axis in ("x", "y")}
    groups = list(dict.fromkeys(dot.group for dot in dots)) if panel.colour else []
    draw = functools.partial(
        scatter_chart,
        dots,
        x_axis=axis_of(page.unit(panel.x)),
        y_axis=axis_of(page.unit(panel.y)),
        x_reference=lines["x"],
        y_reference=lines["y"],
        captions=panel.captions,
        groups=groups,
    )
    return ChartView(
        **about,
        chart="scatter",
        spec=draw(),
        narrow=draw(narrow=True),
        sentence=_sentence(panel, dots, lines, page),
        table=twin(about, columns=_columns(panel, page), rows=rows),
        legend=tuple(LegendItem(name, index + 1, SHAPES[index % len(SHAPES)]) for index, name in enumerate(groups)),
        height=HEIGHT,
    )


def _dots(panel: ScatterChart, answer: Answer, page: Page) -> tuple[list[Dot], Lines]:
    owners = members(answer, panel.by, page)
    groups: list[Member] = members(answer, panel.colour, page) if panel.colour else []
    dots: list[Dot] = []
    rows: Lines = []
    for row, owner in enumerate(owners):
        names = [name for name in (panel.x, panel.y, panel.size) if name]
        cells = {name: answer.cell(row, name) for name in names}
        figures = [figure(cells[name], answer, page, place="table", held=(held(panel.by, owner),)) for name in names]
        group = groups[row].label if groups else ""
        rows.append((owner.label, [*figures, *([group] if panel.colour else [])]))
        x, y = cells[panel.x], cells[panel.y]
        if x.value is None or y.value is None or y.state != "ok" or x.state != "ok":
            continue
        words = ", ".join(f"{page.label(name)} {made.text}" for name, made in zip(names, figures, strict=True))
        dots.append(Dot(owner.label, x.value, y.value, words, group, cells[panel.size].value if panel.size else None))
    # Larger dots first: they get the names where room is short.
    return sorted(dots, key=lambda dot: -(dot.size if dot.size is not None else dot.x)), rows


def _reference(
    panel: ScatterChart, axis: Literal["x", "y"] | str, dots: Sequence[Dot], answers: Answers, page: Page
) -> Reference | None:
    metric = panel.x if axis == "x" else panel.y
    values = [dot.x if axis == "x" else dot.y for dot in dots]
    if isinstance(panel.quadrants, dict):
        fixed = {str(key): value for key, value in panel.quadrants.items()}.get(axis)
        return None if fixed is None else Reference(fixed, formats.number(fixed, page.unit(metric)))
    if panel.quadrants == "median":
        middle = median(values)
        return Reference(middle, f"Median {formats.number(middle, page.unit(metric))}")
    if panel.quadrants == "total" and "total" in answers and answers["total"].n_rows:
        whole = answers["total"].cell(0, metric).value
        if whole is None:
            return None
        # The sum of all is no place on an axis of members: their mean is.
        adds = page.catalog.metric(metric).type in ("simple", "cumulative", "semi_additive")
        at = whole / max(1, len(values)) if adds else whole
        return Reference(at, f"{'Mean' if adds else 'All'} {formats.number(at, page.unit(metric))}")
    return None


def _columns(panel: ScatterChart, page: Page) -> list[Column]:
    names = [name for name in (panel.x, panel.y, panel.size) if name]
    columns = [Column("member", page.dimension(panel.by))]
    columns += [Column(name, page.label(name), page.unit(name).header, True) for name in names]
    return columns + ([Column(panel.colour, page.dimension(panel.colour))] if panel.colour else [])


def _sentence(panel: ScatterChart, dots: Sequence[Dot], lines: dict[str, Reference | None], page: Page) -> str:
    many = formats.plural(len(dots), page.dimension(panel.by).lower())
    start = f"Scatter plot of {many}: {page.label(panel.x)} against {page.label(panel.y)}."
    across, up = lines["x"], lines["y"]
    if across is None or up is None:
        return start
    said = []
    for index, (right, top) in enumerate(((False, True), (True, True), (False, False), (True, False))):
        names = [dot.label for dot in dots if (dot.x >= across.value) == right and (dot.y >= up.value) == top]
        caption = (
            panel.captions[index]
            if index < len(panel.captions)
            else f"{'High' if right else 'Low'}, {'high' if top else 'low'}"
        )
        if names:
            shown = (
                formats.joined(names[:5]) if len(names) <= 5 else f"{', '.join(names[:4])} and {len(names) - 4} more"
            )
            said.append(f"{caption}: {shown}")
    return f"{start} {'. '.join(said)}."
