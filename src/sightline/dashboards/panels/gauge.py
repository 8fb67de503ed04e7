"""A gauge: an arc with the bands of a metric and its target, the value in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, pi, sin
from typing import Any

from sightline.charts.series import nice_top
from sightline.charts.standings import Span, gauge_chart
from sightline.dashboards import formats
from sightline.dashboards.figures import delta, figure
from sightline.dashboards.headings import metric_heading
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked
from sightline.dashboards.panel_views import Arc, GaugeView
from sightline.dashboards.panels.frame import Answers, frame, nothing
from sightline.dashboards.panels.twin import table_beside
from sightline.dashboards.parts import Figure, Standing
from sightline.dashboards.reading import is_empty
from sightline.dashboards.sheets import Heading
from sightline.dashboards.standing import standing
from sightline.dashboards.trend import planned_course, trend_of
from sightline.dashboards.view import Cell, Column, PanelView, Row, TableView
from sightline.definitions.bands import LADDER, Band, Status, parsed
from sightline.definitions.schema.dashboard import GaugePanel
from sightline.metrics.answer import Cell as Number

_DRAWN = tuple(reversed(LADDER))  # drawn over one another, so the one that decides comes last
_CENTRE = (100.0, 100.0)
RIM, INSIDE = 92.0, 76.0
"""Radii of the thin rim with the bands and of the value's arc, in a 200 × 112 box."""


def plan(panel: GaugePanel, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the question of the figure, and of its course where its status depends on it."""
    figures = PlannedQuestion("figure", asked(panel, slot.selection, (panel.gauge,), compare=True))
    return (figures, *planned_course(panel, panel.gauge, slot))


def view(panel: GaugePanel, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the dial. A figure over too few cases, or that still matures, has no arc but its words."""
    answer, page = answers["figure"], slot.page
    title = panel.title or page.label(panel.gauge)
    if not answer.n_rows or is_empty(answer, (panel.gauge,)):
        return nothing(panel, slot=slot, answer=answer, title=title)
    about = frame(panel, slot=slot, answer=answer, metrics=(panel.gauge,), title=title)
    cell = answer.cell(0, panel.gauge)
    made = figure(cell, answer, page, place="tile")
    judged = standing(cell, made, page, trend=trend_of(cell, answer, answers.get("course"), page))
    low, high = _ends(panel, cell, page)
    unit = page.unit(panel.gauge)
    aim = formats.limit(cell.target, unit) if cell.target is not None else ""
    is_drawn = made.state in ("ok", "held") and cell.value is not None
    said = ", ".join(filter(None, (f"{title}: {made.text}", judged.words, judged.reason, aim and f"target {aim}")))
    return GaugeView(
        **about,
        figure=made,
        standing=judged,
        delta=delta(cell, answer, page),
        bands=tuple(_bands(cell, low, high)),
        value_path=arc(low, cell.value, low, high, radius=INSIDE) if is_drawn and cell.value is not None else "",
        target_line=_tick(cell.target, low, high) if cell.target is not None else None,
        target_words=f"target {aim}" if aim else "",
        low=formats.limit(low, unit),
        high=formats.limit(high, unit),
        sentence=f"{said}.",
        table=standing_table(about, panel.gauge, made, cell, judged, page),
        picture=gauge_chart(
            bands=_spans(cell, low, high),
            value=_share(cell.value, low, high) if is_drawn and cell.value is not None else None,
            target=_share(cell.target, low, high) if cell.target is not None else None,
            middle=made.text,
            words=" ".join(filter(None, (judged.words, judged.reason))),
        ),
    )


def _ends(panel: GaugePanel, cell: Number, page: Page) -> tuple[float, float]:
    """Return where the arc begins and ends: what the panel says, else what the unit, the bands and the value need."""
    unit = page.unit(panel.gauge)
    bounds = [bound for band in _ranges(cell).values() for bound in (band.low, band.high) if bound is not None]
    known = [*bounds, *(value for value in (cell.value, cell.target) if value is not None)]
    low = panel.low if panel.low is not None else -nice_top(-min(known)) if known and min(known) < 0 else 0.0
    if panel.high is not None:
        return low, max(panel.high, low + 1e-9)
    whole = 1.0 if unit.is_rate and max(known, default=0) > 0.5 else 100.0 if unit.kind == "score" else 0.0
    highest = max(known, default=1.0)
    return low, whole if whole and highest <= whole else nice_top(max(highest * 1.05, low + 1e-9))


def _ranges(cell: Number) -> dict[Status, Band]:
    found = parsed(cell.ranges)
    return {status: found[status] for status in _DRAWN if status in found}


def _bands(cell: Number, low: float, high: float) -> Iterator[Arc]:
    yield Arc(arc(low, high, low, high, radius=INSIDE))
    for status, start, end in _stretches(cell, low, high):
        yield Arc(arc(start, end, low, high, radius=RIM), status)


def _spans(cell: Number, low: float, high: float) -> list[Span]:
    return [
        Span(_share(start, low, high), _share(end, low, high), status)
        for status, start, end in _stretches(cell, low, high)
    ]


def _stretches(cell: Number, low: float, high: float) -> Iterator[tuple[str, float, float]]:
    """Yield each band's part of the arc. Where bands meet, the last one is the one that decides."""
    for status, band in _ranges(cell).items():
        start = max(low, band.low if band.low is not None else low)
        end = min(high, band.high if band.high is not None else high)
        if end > start:
            yield status, start, end


def _share(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def arc(start: float, end: float, low: float, high: float, *, radius: float) -> str:
    """Return the path from one value to another along the half circle, clockwise; values beyond it end at its ends."""
    one, two = (_point(value, low, high, radius) for value in (start, end))
    return f"M{one[0]:.1f} {one[1]:.1f}A{radius:g} {radius:g} 0 0 1 {two[0]:.1f} {two[1]:.1f}"


def _point(value: float, low: float, high: float, radius: float) -> tuple[float, float]:
    angle = pi * (1 - _share(value, low, high))
    return _CENTRE[0] + radius * cos(angle), _CENTRE[1] - radius * sin(angle)


def _tick(value: float, low: float, high: float) -> tuple[float, float, float, float]:
    inner, outer = _point(value, low, high, INSIDE - 9), _point(value, low, high, RIM + 4)
    return round(inner[0], 1), round(inner[1], 1), round(outer[0], 1), round(outer[1], 1)


def standing_table(
    about: dict[str, Any], name: str, made: Figure, cell: Number, judged: Standing, page: Page
) -> TableView:
    """Return one figure as a table: value, target, status and why."""
    unit = page.unit(name)
    columns = [
        Column("measure", "Measure", file=Heading("Measure", "text")),
        Column("value", "Value", unit.header, True, file=metric_heading("Value", name, page, whole=False)),
        Column("target", "Target", unit.header, True, file=metric_heading("Target", name, page, whole=False)),
        Column("standing", "Status"),
        Column("reason", "Why"),
    ]
    row = Row(
        name,
        (
            Cell(page.label(name)),
            Cell(made.text, cell.value, figure=made),
            Cell(formats.number(cell.target, unit), raw=cell.target),
            Cell(judged.words or formats.MISSING, status=judged.judged),
            Cell(judged.reason),
        ),
    )
    return table_beside(about, columns=columns, rows=[row])
