"""One hero figure: change, status and why, its course; a score opens into what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sightline.dashboards import formats
from sightline.dashboards.figures import bullet, delta, figure, spark
from sightline.dashboards.headings import metric_heading
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked, recent
from sightline.dashboards.panel_views import ComponentLine, StatView
from sightline.dashboards.panels.frame import Answers, frame, nothing
from sightline.dashboards.panels.gauge import standing_table
from sightline.dashboards.panels.twin import table_beside
from sightline.dashboards.parts import Bullet, Link, Spark
from sightline.dashboards.reading import buckets, cells, is_empty, partial
from sightline.dashboards.sheets import Heading
from sightline.dashboards.standing import standing
from sightline.dashboards.trend import planned_course, trend_of
from sightline.dashboards.view import Cell, Column, PanelView, Row, TableView
from sightline.definitions.schema.dashboard import StatPanel
from sightline.definitions.schema.metric import Component, Score
from sightline.metrics.answer import Answer


def plan(panel: StatPanel, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the figure's question, with its components, and the course's."""
    names = (panel.stat, *(each.metric for each in components_of(panel.stat, slot.page)))
    found = [PlannedQuestion("figure", asked(panel, slot.selection, names, compare=True))]
    if panel.sparkline:
        period, grain = recent(slot.selection, panel, panel.sparkline)
        found.append(PlannedQuestion("spark", asked(panel, slot.selection, (panel.stat,), grain=grain, period=period)))
    return (*found, *planned_course(panel, panel.stat, slot))


def components_of(name: str, page: Page) -> Sequence[Component]:
    """Return the parts of a score; () for any other metric."""
    metric = page.catalog.metric(name)
    return metric.components if isinstance(metric, Score) else ()


def view(panel: StatPanel, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the figure, or the message of an empty one."""
    answer, page = answers["figure"], slot.page
    title = panel.title or page.label(panel.stat)
    if not answer.n_rows or is_empty(answer, (panel.stat,)):
        return nothing(panel, slot=slot, answer=answer, title=title)
    about = frame(panel, slot=slot, answer=answer, metrics=(panel.stat,), title=title)
    cell = answer.cell(0, panel.stat)
    made = figure(cell, answer, page, place="tile")
    judged = standing(cell, made, page, trend=trend_of(cell, answer, answers.get("course"), page))
    parts = components_of(panel.stat, page)
    lines = _components(parts, answer, page)
    table = standing_table(about, panel.stat, made, cell, judged, page)
    return StatView(
        **about,
        figure=made,
        standing=judged,
        delta=delta(cell, answer, page),
        spark=_course(panel, page, answers),
        bullet=None if parts else bullet(cell, page, judged),
        components=lines,
        drag=_drag(parts, answer, page),
        as_table=_parts_table(about, panel.stat, lines, parts, answer, page) if parts else table,
        scale="/ 100" if parts else "",
    )


def earned(part: Component, value: float | None) -> float | None:
    """Return the share of its weight that a component earns, 0..1; None without a value."""
    if value is None:
        return None
    return min(1.0, max(0.0, (value - part.worst) / (part.best - part.worst)))


def _components(parts: Sequence[Component], answer: Answer, page: Page) -> tuple[ComponentLine, ...]:
    known = sum(part.weight for part in parts if answer.cell(0, part.metric).value is not None) or 1.0
    found = []
    for part in parts:
        cell = answer.cell(0, part.metric)
        made = figure(cell, answer, page, place="table")
        share = earned(part, cell.value)
        weight = 100 * part.weight / known
        words = (
            "left out, with its weight"
            if share is None
            else f"{formats.fixed(share * weight, 0)} of {formats.fixed(weight, 0)}"
        )
        bar = (
            None
            if share is None
            else Bullet(round(share * 100, 1), None, f"{formats.fixed(share * 100, 0)}% of its weight")
        )
        found.append(
            ComponentLine(
                label=part.label or page.label(part.metric),
                link=Link(f"metrics/{part.metric}", page.selection.context_pairs()),
                figure=made,
                weight=f"{formats.fixed(100 * part.weight / sum(each.weight for each in parts), 0)}%",
                bar=bar,
                earned=words,
                lost="" if share is None else formats.fixed((1 - share) * weight, 0),
            )
        )
    return tuple(found)


def _drag(parts: Sequence[Component], answer: Answer, page: Page) -> str:
    """Return what costs the score most, in a sentence."""
    known = {part: answer.cell(0, part.metric).value for part in parts}
    weights = sum(part.weight for part, value in known.items() if value is not None)
    lost = [
        (100 * part.weight / weights * (1 - share), part)
        for part, value in known.items()
        if (share := earned(part, value)) is not None
    ]
    if not lost:
        return ""
    most, part = max(lost, key=lambda each: each[0])
    label = part.label or page.label(part.metric)
    return f"{label} costs most: {formats.fixed(most, 0)} points." if round(most) >= 1 else "Nothing is lost."


def _parts_table(
    about: dict[str, Any],
    name: str,
    lines: Sequence[ComponentLine],
    parts: Sequence[Component],
    answer: Answer,
    page: Page,
) -> TableView:
    columns = [
        Column("component", "Component"),
        Column("weight", "Weight", "%", True, file=Heading("Weight (%)", "percent")),
        Column("value", "Value", "", True, file=Heading("Value", "number")),
        Column("earned", "Earned of its weight", "%", True, file=Heading("Earned of its weight (%)", "percent")),
    ]
    weights = sum(part.weight for part in parts)
    rows = [
        Row(
            part.metric,
            (
                Cell(line.label),
                Cell(line.weight, raw=part.weight / weights),
                Cell(line.figure.text, line.figure.value, figure=line.figure),
                Cell(line.earned, raw=earned(part, answer.cell(0, part.metric).value)),
            ),
            file=metric_heading("Value", part.metric, page, whole=False),
        )
        for line, part in zip(lines, parts, strict=True)
    ]
    cell = answer.cell(0, name)
    whole = Row(
        name,
        (
            Cell(page.label(name)),
            Cell("100%", raw=1.0),
            Cell(formats.number(cell.value, page.unit(name)), raw=cell.value),
            Cell("", raw=None),
        ),
        file=metric_heading("Value", name, page, whole=False),
    )
    return table_beside(about, columns=columns, rows=[whole, *rows])


def _course(panel: StatPanel, page: Page, answers: Answers) -> Spark | None:
    answer = answers.get("spark")
    if answer is None or answer.question.grain is None or not answer.n_rows:
        return None
    values = [cell.value for cell in cells(answer, panel.stat)]
    open_end = partial(buckets(answer)[-1], answer.question.grain, answer, page)
    return spark(values, label=page.label(panel.stat), open_end=open_end)
