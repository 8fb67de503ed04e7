"""A line that goes on: the fan of its forecast, the target it meets, and its rows in the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sightline.charts.series import Fan, FanStep, Point, Reference
from sightline.dashboards import dates, formats
from sightline.dashboards.forecast_words import close_words, notes_of, range_words
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked
from sightline.dashboards.panels.frame import Answers
from sightline.dashboards.parts import Figure
from sightline.dashboards.view import Cell, Column, LegendItem, Row
from sightline.definitions.schema.dashboard import LineChart
from sightline.metrics.forecast import ForecastStep, SeriesForecast, forecast_of, history_of
from sightline.metrics.question import Period
from sightline.metrics.targets import target_ahead

HISTORY = "history"
LEGEND = (
    LegendItem("Actual", 1, "line"),
    LegendItem("Forecast", 1, "line", dashed=True),
    LegendItem("80%", 0, "fan80"),
    LegendItem("95%", 0, "fan95"),
)


def planned_history(panel: LineChart, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the question a forecast learns from: up to the end of the panel's period, however long that is."""
    if not panel.periods_ahead:
        return ()
    course = asked(panel, slot.selection, (panel.metrics[0],), grain=panel.grain)
    until = Period(None, slot.page.calendar.period(course.period).end, "history")
    return (PlannedQuestion(HISTORY, history_of(replace(course, period=until), calendar=slot.page.calendar)),)


@dataclass(frozen=True)
class Outlook:
    """The forecast of a panel's one line, with the target of the first bucket ahead."""

    panel: LineChart
    page: Page
    series: SeriesForecast
    target: float | None

    @property
    def metric(self) -> str:
        return self.panel.metrics[0]

    @property
    def steps(self) -> tuple[ForecastStep, ...]:
        return self.series.steps

    def is_past(self, bucket: date) -> bool:
        """Whether a bucket lies before the last close: from there on the fan stands for the line."""
        return not self.steps or bucket < self.steps[0].period


def outlook(panel: LineChart, *, slot: Slot, answers: Answers) -> Outlook | None:
    """Return what comes after the line, or why nothing does; None where the panel asks for no forecast."""
    answer = answers.get(HISTORY)
    if answer is None:
        return None
    name = panel.metrics[0]
    series = forecast_of(answer, name, periods=panel.periods_ahead).series
    if not series:
        return None
    target = target_ahead(answer, name, series[0].steps[0].period) if series[0].steps else None
    return Outlook(panel, slot.page, series[0], target)


def fan_of(ahead: Outlook) -> Fan | None:
    """Return the fan to draw, None without a forecast."""
    series, page, grain = ahead.series, ahead.page, ahead.panel.grain
    if not series.steps:
        return None
    unit = page.unit(ahead.metric)
    start = Point(series.buckets[-1].isoformat(), series.values[-1], formats.number(series.values[-1], unit))
    steps = tuple(
        FanStep(
            at=step.period.isoformat(),
            median=step.median,
            inner=(step.low80, step.high80),
            outer=(step.low95, step.high95),
            words=formats.number(step.median, unit, place="prose"),
            inner_words=range_words(step, unit),
            outer_words=range_words(step, unit, share=95),
        )
        for step in series.steps
    )
    closed = close_words(series, grain, today=page.today)
    return Fan(start, steps, closed, f"{len(steps)}-{grain} forecast")


def references_of(ahead: Outlook) -> list[Reference]:
    """Return the line of the target."""
    if ahead.target is None or not ahead.steps:
        return []
    return [Reference(ahead.target, f"Target {formats.limit(ahead.target, ahead.page.unit(ahead.metric))}")]


def told_of(ahead: Outlook) -> tuple[str, ...]:
    """Return what is said under the chart."""
    return notes_of(ahead.series, ahead.panel.grain, ahead.page.unit(ahead.metric), today=ahead.page.today)


def sentence_of(ahead: Outlook) -> str:
    """Return the end of the forecast, for those who do not see it."""
    if not ahead.steps:
        return ""
    last, unit = ahead.steps[-1], ahead.page.unit(ahead.metric)
    low, high = range_words(last, unit)
    median = formats.number(last.median, unit, place="prose")
    return f" Forecast for {dates.bucket(last.period, ahead.panel.grain)}: {median}, 80% interval {low} to {high}."


def columns_of(ahead: Outlook, *, has_events: bool) -> list[Column]:
    """Return the columns of the table: the value, the ends of the intervals, and what kind of value it is."""
    unit = ahead.page.unit(ahead.metric).header
    ends = {"low80": "Low 80%", "high80": "High 80%", "low95": "Low 95%", "high95": "High 95%"}
    numbers = {"value": ahead.page.label(ahead.metric), **ends}
    return [
        Column("period", ahead.panel.grain.capitalize()),
        *(Column(key, label, unit, numeric=True) for key, label in numbers.items()),
        Column("kind", "Kind"),
        *([Column("events", "Events")] if has_events else []),
    ]


def rows_of(ahead: Outlook, actual: Sequence[tuple[date, Figure]], events: Sequence[str]) -> list[Row]:
    """Return a row per bucket of the line, then one per bucket ahead; `events` go with the first, () for none."""
    grain, today = ahead.panel.grain, ahead.page.today
    unit = ahead.page.unit(ahead.metric)
    numbers = [made.value for _, made in actual]
    numbers += [each for step in ahead.steps for each in (step.median, step.low95, step.high95)]
    places = formats.column_decimals(numbers, unit)
    blank = Cell(formats.MISSING)

    def row(at: date, cells: Sequence[Cell], kind: str, said: str) -> Row:
        name = dates.bucket(at, grain, today=today)
        extra = (Cell(said, said),) if events else ()
        return Row(
            name if kind != "Forecast" else f"{name} {kind}",
            (Cell(name, name), *cells, Cell(kind, kind), *extra),
        )

    def number(value: float) -> Cell:
        return Cell(formats.number(value, unit, decimals=places), value)

    found = []
    for index, (at, made) in enumerate(actual):
        kind = "Actual" if ahead.is_past(at) else "So far"
        said = events[index] if events else ""
        found.append(row(at, [Cell(made.text, made.value, figure=made), *[blank] * 4], kind, said))
    for step in ahead.steps:
        ends = (step.median, step.low80, step.high80, step.low95, step.high95)
        found.append(row(step.period, [number(end) for end in ends], "Forecast", formats.MISSING))
    return found
