"""Lines over time: one metric with what it is compared with, several metrics, or one metric by member."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sightline.charts.events import COLUMNS
from sightline.charts.line import HEIGHT, bounds_of, broken_words, line_chart
from sightline.charts.series import Event, Line, Point, Reference
from sightline.dashboards import dates, formats
from sightline.dashboards.annotations import Mark, after_bucket, in_bucket, marks, planned_marks
from sightline.dashboards.figures import figure
from sightline.dashboards.page import Page, PlannedQuestion, PlannedRows, Slot, asked
from sightline.dashboards.panels import line_forecast
from sightline.dashboards.panels.frame import Answers, frame, nothing
from sightline.dashboards.panels.line_forecast import Outlook
from sightline.dashboards.panels.twin import Lines, axis_of, table_beside, twin
from sightline.dashboards.parts import Figure
from sightline.dashboards.reading import Member, buckets, held, is_empty, members, partial
from sightline.dashboards.selection import COMPARES
from sightline.dashboards.view import ChartView, Column, LegendItem, PanelView, TableView
from sightline.definitions.schema.dashboard import LineChart
from sightline.metrics.answer import Answer
from sightline.metrics.question import Order


def plan(panel: LineChart, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the question over time; with members the one that ranks them, with a forecast what it learns from."""
    group = (panel.by,) if panel.by else ()
    metrics = panel.metrics[:1] if panel.by else panel.metrics
    alone = len(metrics) == 1 and not panel.by
    course = asked(panel, slot.selection, tuple(metrics), group_by=group, grain=panel.grain, compare=alone)
    questions = [PlannedQuestion("course", course)]
    if panel.by:
        order = (Order(panel.metrics[0], descending=True),)
        rank = asked(panel, slot.selection, (panel.metrics[0],), group_by=group, order=order)
        questions += [PlannedQuestion("rank", rank)]
    return (*questions, *line_forecast.planned_history(panel, slot=slot))


def rows(panel: LineChart, *, slot: Slot) -> tuple[PlannedRows, ...]:
    """Return the requests for the events to mark."""
    return planned_marks(panel, slot=slot)


@dataclass(frozen=True)
class _Series:
    """One line: its figures by bucket."""

    label: str
    metric: str
    figures: dict[date, Figure]


def view(panel: LineChart, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the chart with its twin. Metrics of another unit than the first's stand in the table only."""
    answer, page = answers["course"], slot.page
    metrics = panel.metrics[:1] if panel.by else panel.metrics
    title = panel.title or formats.joined([page.label(metric) for metric in metrics])
    if not answer.n_rows or is_empty(answer, metrics):
        return nothing(panel, slot=slot, answer=answer, title=title)
    about = frame(panel, slot=slot, answer=answer, metrics=metrics, title=title)
    found, left_out = _series(panel, page, answers)
    when = sorted({bucket for series in found for bucket in series.figures})
    drawn = [series for series in found if page.unit(series.metric) == page.unit(found[0].metric)]
    ahead = line_forecast.outlook(panel, slot=slot, answers=answers)
    past = [at for at in when if ahead is None or ahead.is_past(at)]
    about["notes"] = (*about["notes"], *_notes(drawn, found, left_out, panel, page, past, answer))
    about["notes"] += line_forecast.told_of(ahead) if ahead else ()
    marked, unmarked = marks(slot, answer.period)
    if unmarked:
        about["notes"] = (*about["notes"], f"{formats.plural(unmarked, 'older event')} not marked.")
    before = _before(panel, answer, page, past)
    shown = [*([before] if before else []), *(_line(series, past, panel, answer, page) for series in drawn)]
    references = _references(panel, page) if len(metrics) == 1 else []
    references += line_forecast.references_of(ahead) if ahead else []
    axis, fan = axis_of(page.unit(found[0].metric)), line_forecast.fan_of(ahead) if ahead else None
    events = [Event(mark.at.isoformat(), mark.text) for mark in marked]
    chart = functools.partial(line_chart, shown, axis=axis, references=references, events=events, fan=fan)
    base, _ = bounds_of(shown, axis=axis, references=references, fan=fan)
    sentence = _sentence(title, drawn, when, panel) + (f" {broken_words(base)}." if base > 0 else "")
    sentence += line_forecast.sentence_of(ahead) if ahead else ""
    return ChartView(
        **about,
        chart="line",
        spec=chart(columns=panel.span or COLUMNS),
        narrow=chart(narrow=True),
        sentence=sentence + _told(marked, page),
        table=_table(about, found, when, panel, page, marked, ahead),
        legend=_legend(drawn, before, ahead),
        height=HEIGHT,
    )


def _table(
    about: dict[str, Any],
    found: Sequence[_Series],
    when: Sequence[date],
    panel: LineChart,
    page: Page,
    marked: Sequence[Mark],
    ahead: Outlook | None,
) -> TableView:
    if ahead is None or not ahead.steps:
        return twin(about, columns=_columns(found, panel, page, marked), rows=_rows(found, when, panel, page, marked))
    events = [_events_of(at, panel, page, marked) for at in when] if marked else []
    rows = line_forecast.rows_of(ahead, [(at, found[0].figures[at]) for at in when], events)
    return table_beside(about, columns=line_forecast.columns_of(ahead, has_events=bool(marked)), rows=rows)


def _series(panel: LineChart, page: Page, answers: Answers) -> tuple[list[_Series], list[str]]:
    answer = answers["course"]
    when = buckets(answer)
    if not panel.by:
        return [_alone(metric, answer, page) for metric in panel.metrics], []
    metric, owners = panel.metrics[0], members(answer, panel.by, page)
    ranked = members(answers["rank"], panel.by, page)
    kept, rest = ranked[: panel.limit], ranked[panel.limit :]
    places = formats.column_decimals(answer.data[metric], page.unit(metric))
    figures: dict[str, dict[date, Figure]] = {member.text_key: {} for member in kept}
    for row, (owner, at) in enumerate(zip(owners, when, strict=True)):
        if owner.text_key in figures:
            figures[owner.text_key][at] = _figure(answer, row, metric, page, places, owner, panel.by)
    return [_Series(member.label, metric, figures[member.text_key]) for member in kept], [each.label for each in rest]


def _alone(metric: str, answer: Answer, page: Page) -> _Series:
    places = formats.column_decimals(answer.data[metric], page.unit(metric))
    figures = {at: _figure(answer, row, metric, page, places) for row, at in enumerate(buckets(answer))}
    return _Series(page.label(metric), metric, figures)


def _figure(
    answer: Answer, row: int, metric: str, page: Page, places: int | None, owner: Member | None = None, by: str = ""
) -> Figure:
    row_held = (held(by, owner),) if owner else ()
    return figure(answer.cell(row, metric), answer, page, place="table", held=row_held, decimals=places)


def _line(series: _Series, when: Sequence[date], panel: LineChart, answer: Answer, page: Page) -> Line:
    points = []
    for at in when:
        made = series.figures.get(at)
        value = made.value if made is not None and made.text != formats.MISSING else None
        unsure = partial(at, panel.grain, answer, page) or (made is not None and made.state == "maturing")
        points.append(Point(at.isoformat(), value, made.text if made else formats.MISSING, unsure))
    return Line(series.label, tuple(points))


def _before(panel: LineChart, answer: Answer, page: Page, when: Sequence[date]) -> Line | None:
    """Return the compared course on the buckets of this one, when the answer has it."""
    if panel.by or len(panel.metrics) != 1 or answer.comparison is None:
        return None
    metric = panel.metrics[0]
    values = dict(zip(buckets(answer), answer.data.get(f"{metric}__previous", []), strict=False))
    if not any(value is not None for value in values.values()):
        return None
    unit = page.unit(metric)
    points = tuple(Point(at.isoformat(), values.get(at), formats.number(values.get(at), unit)) for at in when)
    return Line(COMPARES[answer.compare], points, "comparison")


def _references(panel: LineChart, page: Page) -> list[Reference]:
    metric = page.catalog.metric(panel.metrics[0])
    if metric.benchmark is None:
        return []
    return [Reference(metric.benchmark, f"Benchmark {formats.limit(metric.benchmark, page.unit(panel.metrics[0]))}")]


def _notes(
    drawn: Sequence[_Series],
    found: Sequence[_Series],
    left_out: Sequence[str],
    panel: LineChart,
    page: Page,
    when: Sequence[date],
    answer: Answer,
) -> list[str]:
    notes = []
    other = [series.label for series in found if series not in drawn]
    if other:
        notes.append(f"{formats.joined(other)}: another unit, so in the table only.")
    if left_out:
        named = formats.joined(left_out[:6]) if len(left_out) <= 6 else f"{len(left_out)} more"
        notes.append(f"Not drawn: {named}.")
    cut = [at for at in when if partial(at, panel.grain, answer, page)]
    if cut:
        names = formats.joined([dates.bucket(at, panel.grain, today=page.today) for at in cut[:2]])
        notes.append(f"Dashed: {names} {formats.cut_words(len(cut), panel.grain)}.")
    if any(made.state == "maturing" for series in drawn for made in series.figures.values()):
        notes.append("Dashed: the newest cohorts are still maturing.")
    return notes


def _sentence(title: str, drawn: Sequence[_Series], when: Sequence[date], panel: LineChart) -> str:
    ends = []
    for series in drawn[:6]:
        known = [series.figures[at] for at in when if at in series.figures and series.figures[at].value is not None]
        if known:
            ends.append(f"{series.label} from {known[0].text} to {known[-1].text}")
    span = f"{dates.bucket(when[0], panel.grain)} to {dates.bucket(when[-1], panel.grain)}"
    return f"Line chart, {title}, {span}: {'; '.join(ends)}."


def _told(marked: Sequence[Mark], page: Page) -> str:
    """Return the events in words, for those who do not see them."""
    told = [f"{mark.text} on {dates.day(mark.at.date(), today=page.today)}" for mark in marked[-6:]]
    return f" Events: {'; '.join(told)}." if told else ""


def _columns(found: Sequence[_Series], panel: LineChart, page: Page, marked: Sequence[Mark]) -> list[Column]:
    numbers = [Column(f"s{n}", series.label, page.unit(series.metric).header, True) for n, series in enumerate(found)]
    events = [Column("events", "Events")] if marked else []
    return [Column("period", panel.grain.capitalize()), *numbers, *events]


def _rows(
    found: Sequence[_Series], when: Sequence[date], panel: LineChart, page: Page, marked: Sequence[Mark]
) -> Lines:
    blank = formats.MISSING
    lines: Lines = []
    for at in when:
        own = [_events_of(at, panel, page, marked)] if marked else []
        name = dates.bucket(at, panel.grain, today=page.today)
        lines.append((name, [*(series.figures.get(at, blank) for series in found), *own]))
    return lines


def _events_of(at: date, panel: LineChart, page: Page, marked: Sequence[Mark]) -> str:
    return in_bucket(marked, at, after_bucket(at, panel.grain, page)) or formats.MISSING


def _legend(drawn: Sequence[_Series], before: Line | None, ahead: Outlook | None) -> tuple[LegendItem, ...]:
    compared = (LegendItem(before.label, 0),) if before else ()
    if ahead is not None and ahead.steps:
        return (*line_forecast.LEGEND, *compared)
    if len(drawn) < 2 and before is None:
        return ()
    return (*(LegendItem(series.label, number) for number, series in enumerate(drawn, start=1)), *compared)
