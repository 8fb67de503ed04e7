"""Bullet bars: each metric against its target."""

from __future__ import annotations

from sightline.dashboards import formats
from sightline.dashboards.figures import bullet, delta, figure
from sightline.dashboards.page import PlannedQuestion, Slot, asked
from sightline.dashboards.panels.frame import Answers, frame, nothing
from sightline.dashboards.panels.twin import Lines, twin
from sightline.dashboards.reading import is_empty
from sightline.dashboards.view import BulletRow, BulletView, Column, PanelView
from sightline.definitions.schema.dashboard import BulletChart


def plan(panel: BulletChart, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the one question of all bars."""
    return (PlannedQuestion("bars", asked(panel, slot.selection, tuple(panel.metrics), compare=True)),)


def view(panel: BulletChart, *, slot: Slot, answers: Answers) -> PanelView:
    """Return a bar per metric. One without target says so and has no bar."""
    answer, page = answers["bars"], slot.page
    title = panel.title or "Against target"
    if not answer.n_rows or is_empty(answer, panel.metrics):
        return nothing(panel, slot=slot, answer=answer, title=title)
    about = frame(panel, slot=slot, answer=answer, metrics=panel.metrics, title=title)
    bars: list[BulletRow] = []
    rows: Lines = []
    for metric in panel.metrics:
        cell = answer.cell(0, metric)
        made = figure(cell, answer, page, place="table")
        bar = bullet(cell, page)
        words = made.status_words or ("No target" if bar is None else "")
        bars.append(BulletRow(page.label(metric), made, bar, delta(cell, answer, page), words))
        aim = formats.number(cell.target, page.unit(metric))
        due = formats.number(cell.expected, page.unit(metric))
        rows.append((page.label(metric), [made, aim, due, words]))
    columns = [Column("metric", "Metric"), Column("value", "Now", "", True), Column("target", "Target", "", True)]
    columns += [Column("expected", "Due by now", "", True), Column("status", "Status")]
    return BulletView(**about, bars=tuple(bars), table=twin(about, columns=columns, rows=rows))
