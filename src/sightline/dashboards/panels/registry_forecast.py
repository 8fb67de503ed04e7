"""What the next value of a measure of the registry will be, with its interval and whether that holds the target."""

from __future__ import annotations

from dataclasses import dataclass

from sightline.dashboards import dates, formats
from sightline.dashboards.cadence import grain_of
from sightline.dashboards.forecast_words import range_words
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked
from sightline.dashboards.panels.frame import Answers
from sightline.dashboards.view import Cell
from sightline.definitions.schema.dashboard import RegistryPanel
from sightline.definitions.schema.metric import Grain
from sightline.metrics.forecast import USUAL_PERIODS, ForecastStep, forecast_of, history_of
from sightline.metrics.targets import target_ahead

AHEAD = "ahead:"


@dataclass(frozen=True)
class Next:
    """The next value of a measure, or why there is none: `refused` is empty when there is one."""

    grain: Grain
    step: ForecastStep | None = None
    target: float | None = None
    refused: str = ""


def planned_history(panel: RegistryPanel, name: str, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the question that the next value is learned from, up to now whatever the page's period."""
    if not panel.forecast:
        return ()
    grain = grain_of(slot.catalog.metric(name).cadence)
    course = asked(panel, slot.selection, (name,), grain=grain, period="all_time")
    return (PlannedQuestion(AHEAD + name, history_of(course, calendar=slot.page.calendar)),)


def next_of(name: str, *, page: Page, answers: Answers) -> Next:
    """Return the next value: the first step of the forecast that the metric's own page shows."""
    answer, grain = answers.get(AHEAD + name), grain_of(page.catalog.metric(name).cadence)
    if answer is None or not answer.n_rows:
        return Next(grain, refused="There is nothing to learn from.")
    series = forecast_of(answer, name, periods=USUAL_PERIODS[grain]).series[0]
    if not series.steps:
        return Next(grain, refused=series.refused)
    step = series.steps[0]
    return Next(grain, step, target_ahead(answer, name, step.period))


def cell_of(name: str, found: Next, page: Page) -> Cell:
    """Return the cell: the median, and below it the bucket, the interval and whether the target is inside."""
    step, unit = found.step, page.unit(name)
    if step is None:
        return Cell(formats.MISSING, reason=found.refused.partition(" (")[0].partition(":")[0].rstrip("."))
    low, high = range_words(step, unit)
    when = dates.short_bucket(step.period, found.grain)
    words = formats.number(step.median, unit, place="prose")
    return Cell(words, step.median, raw=step.median, reason=f"{when}: {low} to {high}{_target_words(found)}")


def _target_words(found: Next) -> str:
    """Return that the target lies inside the 80 % interval, if it does: how far it is otherwise, the gap says."""
    step, target = found.step, found.target
    if step is None or target is None:
        return ""
    return ", target inside" if step.low80 <= target <= step.high80 else ""
