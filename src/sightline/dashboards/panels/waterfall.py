"""Drivers: an opening level, signed movements and the closing level, and whether they add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sightline.charts.waterfall import Step, waterfall_chart
from sightline.dashboards import formats
from sightline.dashboards.figures import delta, figure
from sightline.dashboards.headings import metric_heading
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked
from sightline.dashboards.panels.frame import Answers, frame, nothing
from sightline.dashboards.panels.twin import table_beside
from sightline.dashboards.parts import Figure
from sightline.dashboards.reading import is_empty
from sightline.dashboards.sheets import Heading
from sightline.dashboards.units import Unit
from sightline.dashboards.view import Cell, ChartView, Column, PanelView, Row, TableView
from sightline.definitions.schema.dashboard import WaterfallChart
from sightline.definitions.schema.metric import Movement
from sightline.metrics.answer import Answer

Tone = Literal["level", "good", "bad", "none"]
_CENT = 0.005
_SHARE = Unit("percent", suffix="%", header="%")


def plan(panel: WaterfallChart, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the one question: every step over the same period."""
    return (PlannedQuestion("steps", asked(panel, slot.selection, tuple(panel.metrics), compare=True)),)


@dataclass(frozen=True)
class _Line:
    """One step: what it moves by (a level: what it is), and the level after it."""

    metric: str
    label: str
    figure: Figure
    amount: float | None
    after: float
    is_level: bool


def view(panel: WaterfallChart, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the drawing with its twin. What does not add up is said, in red, with the difference."""
    answer, page = answers["steps"], slot.page
    title = panel.title or "Drivers"
    if not answer.n_rows or is_empty(answer, panel.metrics):
        return nothing(panel, slot=slot, answer=answer, title=title)
    about = frame(panel, slot=slot, answer=answer, metrics=panel.metrics[-1:], title=title)
    lines = _lines(panel, answer, page)
    wrong = _difference(lines, page)
    about["finding"] = _finding(lines, page)
    steps = _steps(lines, panel, page)
    return ChartView(
        **about,
        chart="waterfall",
        spec=waterfall_chart(steps),
        narrow=waterfall_chart(steps, narrow=True),
        sentence=f"Drivers, {title}: {'; '.join(f'{step.label} {step.words}' for step in steps)}.",
        table=_table(about, lines, answer, page),
        height=len(steps) * 34,
        good="" if wrong else "Opening and movements add up to closing",
        wrong=wrong,
    )


def _lines(panel: WaterfallChart, answer: Answer, page: Page) -> list[_Line]:
    found: list[_Line] = []
    level = 0.0
    for place, name in enumerate(panel.metrics):
        cell = answer.cell(0, name)
        is_level = place in (0, len(panel.metrics) - 1)
        amount = cell.value if cell.value is None or is_level else cell.value * _sign(name, page)
        made = figure(cell, answer, page, place="table")
        level = (amount or 0.0) if is_level else level + (amount or 0.0)
        if not is_level and made.state not in ("missing", "too_few"):
            made = replace(made, text=signed(amount, name, page), value=amount)
        found.append(_Line(name, page.label(name), made, amount, level, is_level))
    return found


def _sign(name: str, page: Page) -> int:
    """Return -1 for a count of those who left: movements of amounts carry their own sign."""
    metric = page.catalog.metric(name)
    return -1 if isinstance(metric, Movement) and metric.show == "entities" and metric.kind == "churned" else 1


def signed(amount: float | None, name: str, page: Page) -> str:
    """Return a movement with its sign, + as well as −."""
    text = formats.number(amount, page.unit(name), place="prose")
    return f"+{text}" if amount is not None and amount > 0 else text


def _difference(lines: Sequence[_Line], page: Page) -> str:
    """Return what is wrong with the sum in words, or "" when it foots to the cent."""
    unknown = [line.label for line in lines if line.amount is None]
    if unknown:
        return f"Cannot be checked: {formats.joined(unknown)} {'has' if len(unknown) == 1 else 'have'} no value"
    made, closing = lines[-2].after, lines[-1].amount or 0.0
    gap = closing - made
    if abs(gap) <= max(_CENT, 1e-9 * abs(closing)):
        return ""
    name = lines[-1].metric
    return f"Does not add up: closing differs from opening and movements by {signed(gap, name, page)}"


def _finding(lines: Sequence[_Line], page: Page) -> str:
    first, last = lines[0], lines[-1]
    if first.amount is None or last.amount is None:
        return ""
    change = last.amount - first.amount
    words = formats.number(abs(change), page.unit(last.metric), place="prose")
    moved = f"up {words}" if change > 0 else f"down {words}" if change < 0 else "unchanged"
    return f"{last.label} {formats.number(last.amount, page.unit(last.metric), place='prose')}, {moved}"


def _steps(lines: Sequence[_Line], panel: WaterfallChart, page: Page) -> list[Step]:
    down = page.catalog.metric(panel.metrics[-1]).direction == "down"
    neutral = page.catalog.metric(panel.metrics[-1]).direction == "neutral"
    found, before = [], 0.0
    for line in lines:
        amount = line.amount or 0.0
        tone: Tone = "level" if line.is_level else "none" if neutral else "bad" if (amount < 0) != down else "good"
        words = formats.number(amount, page.unit(line.metric), place="prose") if line.is_level else line.figure.text
        found.append(Step(line.label, 0.0 if line.is_level else before, line.after, words, tone))
        before = line.after
    return found


def _table(about: dict[str, Any], lines: Sequence[_Line], answer: Answer, page: Page) -> TableView:
    name = lines[-1].metric
    unit = page.unit(name)
    money = metric_heading("Amount", name, page, whole=False)
    opening = lines[0].amount or 0.0
    columns = (
        Column("step", "Step"),
        Column("amount", "Amount", unit.header, True, file=money),
        Column("share", "Of opening", "%", True, file=Heading("Of opening (%)", "percent")),
        Column(
            "after",
            "Level after",
            unit.header,
            True,
            file=replace(money, label=money.label.replace("Amount", "Level after")),
        ),
        Column(
            "change",
            "Change",
            "",
            True,
            file=Heading("Change against comparison", "points" if unit.is_rate else "percent"),
        ),
    )
    rows = []
    for line in lines:
        share = line.amount / opening if line.amount is not None and opening and not line.is_level else None
        words = (
            formats.MISSING
            if share is None
            else f"{'+' if share > 0 else ''}{formats.number(share, _SHARE, bare=True)}"
        )
        cell = answer.cell(0, line.metric)
        moved = delta(cell, answer, page)
        cells = (
            Cell(line.label),
            Cell(line.figure.text, line.amount, figure=line.figure),
            Cell(words, raw=share),
            Cell(formats.number(line.after, unit, place="table"), raw=line.after),
            Cell("" if moved else formats.MISSING, delta=moved, raw=cell.change if moved else None),
        )
        rows.append(Row(line.metric, cells))
    return table_beside(about, columns=columns, rows=rows)
