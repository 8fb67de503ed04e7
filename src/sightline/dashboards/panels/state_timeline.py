"""States over time: a row per member, a column per bucket, in each cell the value and the word of its status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sightline.charts.standings import states_chart
from sightline.dashboards import dates, formats
from sightline.dashboards.figures import STATUS_WORDS, figure
from sightline.dashboards.headings import metric_heading
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked
from sightline.dashboards.panel_views import StateCell, StateRow, StateTimelineView
from sightline.dashboards.panels.frame import Answers, frame, nothing
from sightline.dashboards.panels.twin import table_beside
from sightline.dashboards.parts import Figure
from sightline.dashboards.reading import Member, buckets, held, is_empty, members, partial
from sightline.dashboards.sheets import Heading
from sightline.dashboards.standing import band_words, standing
from sightline.dashboards.view import Cell, Column, PanelView, Row
from sightline.definitions.schema.dashboard import StateTimeline
from sightline.metrics.answer import Answer
from sightline.metrics.question import Order, Period


def plan(panel: StateTimeline, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the question by member and bucket, and the one that orders the members."""
    group = (panel.by,) if panel.by else ()
    course = asked(panel, slot.selection, (panel.metric,), group_by=group, grain=panel.grain)
    if not panel.by:
        return (PlannedQuestion("states", course),)
    down = slot.catalog.metric(panel.metric).direction == "down"
    order = (Order(panel.metric, descending=down),)  # the worst first
    rank = asked(panel, slot.selection, (panel.metric,), group_by=group, order=order, limit=panel.limit)
    return (PlannedQuestion("states", course), PlannedQuestion("rank", rank))


def view(panel: StateTimeline, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the rows, the worst member first, or the message of an empty one."""
    answer, page = answers["states"], slot.page
    by = f" by {page.dimension(panel.by).lower()}" if panel.by else ""
    title = panel.title or f"{page.label(panel.metric)}{by}"
    if not answer.n_rows or is_empty(answer, (panel.metric,)):
        return nothing(panel, slot=slot, answer=answer, title=title)
    about = frame(panel, slot=slot, answer=answer, metrics=(panel.metric,), title=title)
    when = sorted(set(buckets(answer)))
    found = _cells(panel, answer, page)
    owners = _owners(panel, answers, page)
    about["notes"] = (*about["notes"], *_notes(panel, answers, answer, page, when))
    lines = tuple(StateRow(label, tuple(found.get((key, at)) for at in when)) for key, label in owners)
    columns = tuple(dates.bucket(at, panel.grain, today=page.today) for at in when)
    return StateTimelineView(
        **about,
        caption=f"{title}, {formats.plural(len(lines), 'row')} by {formats.plural(len(columns), panel.grain)}",
        row_heading=page.dimension(panel.by) if panel.by else "Measure",
        columns=columns,
        lines=lines,
        legend=_legend(panel, page),
        as_table=table_beside(about, columns=_columns(panel, page), rows=_rows(lines, columns)),
        picture=states_chart(
            [
                (when, line.label, cell.standing.judged, f"{cell.figure.text}\n{cell.standing.words}")
                for line in lines
                for when, cell in zip(columns, line.cells, strict=True)
                if cell is not None
            ]
        ),
    )


def _cells(panel: StateTimeline, answer: Answer, page: Page) -> dict[tuple[str, date], StateCell]:
    owners: Sequence[Member | None] = members(answer, panel.by, page) if panel.by else [None] * answer.n_rows
    found = {}
    for row, (owner, at) in enumerate(zip(owners, buckets(answer), strict=True)):
        cell = answer.cell(row, panel.metric)
        row_held = (held(panel.by, owner),) if panel.by and owner else ()
        made = figure(cell, answer, page, place="table", held=row_held)
        inside = replace(answer.question, period=_inside(at, panel, answer, page), grain=None)
        made = replace(made, explain=page.explain(inside, panel.metric, row_held))
        cut = partial(at, panel.grain, answer, page)
        found[owner.text_key if owner else "", at] = StateCell(made, standing(cell, made, page), cut)
    return found


def _inside(at: date, panel: StateTimeline, answer: Answer, page: Page) -> Period:
    """Return the days of one bucket that lie in the period."""
    first = at.date() if isinstance(at, datetime) else at
    after = page.calendar.following(first, panel.grain if panel.grain != "hour" else "day")
    start, end = answer.period.start, answer.period.end
    return Period(max(first, start or first), min(after, end or after))


def _owners(panel: StateTimeline, answers: Answers, page: Page) -> list[tuple[str, str]]:
    if not panel.by:
        return [("", page.label(panel.metric))]
    return [(member.text_key, member.label) for member in members(answers["rank"], panel.by, page)]


def _notes(panel: StateTimeline, answers: Answers, answer: Answer, page: Page, when: Sequence[date]) -> Sequence[str]:
    found = []
    cut = [at for at in when if partial(at, panel.grain, answer, page)]
    if cut:
        names = formats.joined([dates.bucket(at, panel.grain, today=page.today) for at in cut[:2]])
        found.append(f"Dotted: {names} {formats.cut_words(len(cut), panel.grain)}.")
    left = answers["rank"].total_rows - answers["rank"].n_rows if panel.by else 0
    return [*found, f"{formats.plural(left, 'row')} not shown."] if left > 0 else found


def _legend(panel: StateTimeline, page: Page) -> tuple[tuple[str, str], ...]:
    metric, unit = page.catalog.metric(panel.metric), page.unit(panel.metric)
    if metric.bands is None:
        return ()
    held = {each.dimension: str(each.values[0]) for each in page.selection.filters if len(each.values) == 1}
    ranges = metric.bands.of(held)
    written = [(status, band_words(ranges, status, unit)) for status in ("excellent", "good", "warning", "critical")]
    return tuple((status, f"{STATUS_WORDS[status]} {words}") for status, words in written if words)


def _columns(panel: StateTimeline, page: Page) -> list[Column]:
    who = page.dimension(panel.by) if panel.by else "Measure"
    label = page.label(panel.metric)
    return [
        Column("who", who),
        Column("when", panel.grain.capitalize()),
        Column(
            "value",
            label,
            page.unit(panel.metric).header,
            True,
            file=metric_heading(label, panel.metric, page, whole=False),
        ),
        Column("standing", "Status"),
        Column("reason", "Why", file=Heading("Why", "text")),
    ]


def _rows(lines: Sequence[StateRow], columns: Sequence[str]) -> list[Row]:
    return [
        Row(
            f"{line.label} {when}",
            (Cell(line.label), Cell(when), _value(cell.figure), Cell(cell.standing.words), Cell(cell.standing.reason)),
        )
        for line in lines
        for when, cell in zip(columns, line.cells, strict=True)
        if cell is not None
    ]


def _value(made: Figure) -> Cell:
    return Cell(made.text, made.value, figure=made)
