"""A line that goes on, as a file: the answer as it is, then a row per bucket ahead, marked as forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sightline.dashboards.answering import Asker
from sightline.dashboards.build import PlannedPanel
from sightline.dashboards.headings import metric_heading
from sightline.dashboards.panels.line_forecast import HISTORY, Outlook, outlook, told_of
from sightline.dashboards.sheets import Heading, Sheet
from sightline.definitions.schema.dashboard import LineChart
from sightline.metrics.answer import Answer
from sightline.metrics.forecast import ForecastStep
from sightline.metrics.plan import PERIOD

ENDS = {"low80": "Low 80%", "high80": "High 80%", "low95": "Low 95%", "high95": "High 95%"}


def with_forecast(
    sheet: Sheet, answer: Answer, planned: PlannedPanel, asker: Asker, *, columns: Sequence[str]
) -> tuple[Sheet, Answer]:
    """Return sheet and answer of a panel with its forecast, or as they are where it has none.

    `columns` are what the sheet's columns are called in the answer. Why there is no forecast stands among the notes.
    """
    question = next((each.question for each in planned.questions if each.key == HISTORY), None)
    if question is None or not isinstance(planned.panel, LineChart):
        return sheet, answer
    found = asker.answer(question)
    ahead = outlook(planned.panel, slot=planned.slot, answers={HISTORY: found} if isinstance(found, Answer) else {})
    if ahead is None:
        return sheet, answer
    notes = (*answer.notes, *told_of(ahead))
    if not ahead.steps:
        return sheet, replace(answer, notes=notes)
    whole = _longer(sheet, ahead, columns)
    return whole, replace(answer, notes=notes, total_rows=answer.total_rows + len(ahead.steps))


def _longer(sheet: Sheet, ahead: Outlook, columns: Sequence[str]) -> Sheet:
    page, name, at = ahead.page, ahead.metric, columns.index(PERIOD)
    headings = (metric_heading(label, name, page, whole=False) for label in ENDS.values())
    blank: tuple[Any, ...] = (None,) * len(ENDS)
    rows = [(*row, *blank, "Actual" if ahead.is_past(row[at]) else "So far") for row in sheet.rows]
    rows += [_row(step, name, columns) for step in ahead.steps]
    return replace(sheet, headings=(*sheet.headings, *headings, Heading("Kind", "text")), rows=tuple(rows))


def _row(step: ForecastStep, name: str, columns: Sequence[str]) -> tuple[Any, ...]:
    own = {PERIOD: step.period, name: step.median}
    return (*(own.get(column) for column in columns), *(getattr(step, end) for end in ENDS), "Forecast")
