"""Bars over members or over time, side by side or stacked."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import date

from sightline.charts.bar import HEIGHT, bar_chart
from sightline.charts.series import Line, Point, Reference
from sightline.dashboards import dates, formats
from sightline.dashboards.figures import figure
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked
from sightline.dashboards.panels.frame import Answers, frame, nothing
from sightline.dashboards.panels.twin import Lines, axis_of, twin
from sightline.dashboards.parts import Figure
from sightline.dashboards.reading import buckets, held, is_empty, members, partial
from sightline.dashboards.view import ChartView, Column, LegendItem, PanelView
from sightline.definitions.schema.dashboard import BarChart
from sightline.metrics.answer import Answer
from sightline.metrics.question import Filter, Order

MOST_STACKS = 4
Grid = dict[tuple[str, str], Figure]


def plan(panel: BarChart, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the question of the bars and, when stacked, the one that ranks the stacks."""
    metrics = tuple(panel.metrics)
    group = tuple(name for name in (panel.by, panel.stack) if name)
    order = (Order(metrics[0], descending=True),) if panel.by and not panel.stack else ()
    limit = panel.limit if panel.by and not panel.stack else None
    bars = asked(panel, slot.selection, metrics, group_by=group, grain=panel.grain, order=order, limit=limit)
    questions = [PlannedQuestion("bars", bars)]
    if panel.stack:
        rank = (Order(metrics[0], descending=True),)
        questions += [
            PlannedQuestion("rank", asked(panel, slot.selection, metrics[:1], group_by=(panel.stack,), order=rank))
        ]
    return tuple(questions)


def view(panel: BarChart, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the chart with its twin."""
    answer, page = answers["bars"], slot.page
    title = panel.title or formats.joined([page.label(metric) for metric in panel.metrics])
    if not answer.n_rows or is_empty(answer, panel.metrics):
        return nothing(panel, slot=slot, answer=answer, title=title)
    about = frame(panel, slot=slot, answer=answer, metrics=panel.metrics, title=title)
    places = _places(panel, answer, page)
    names, grid = _grid(panel, answers, page, places)
    drawn = _same_unit(panel, page, names)
    pale = _pale(panel, answer, page)
    lines = [
        Line(name, tuple(_point(place, grid.get((name, place)), pale) for place in _unique(places))) for name in drawn
    ]
    about["notes"] = (*about["notes"], *_notes(panel, answer, names, drawn, pale, answers, page))
    draw = functools.partial(
        bar_chart,
        lines,
        axis=axis_of(page.unit(panel.metrics[0])),
        horizontal=panel.horizontal,
        stacked=bool(panel.stack),
        references=_references(panel, page),
    )
    legend = tuple(LegendItem(name, number) for number, name in enumerate(drawn, start=1)) if len(drawn) > 1 else ()
    return ChartView(
        **about,
        chart="bar",
        spec=draw(),
        narrow=draw(narrow=True),
        sentence=_sentence(title, lines),
        table=twin(about, columns=_columns(panel, page, names), rows=_rows(_unique(places), names, grid)),
        legend=legend,
        height=HEIGHT if not panel.horizontal else 26 * len(_unique(places)),
    )


def _unique(places: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(places))


def _places(panel: BarChart, answer: Answer, page: Page) -> list[str]:
    """Return where each row of the answer stands along the chart."""
    if panel.grain:
        return [_bucket(at, panel, page) for at in buckets(answer)]
    if panel.by:
        return [member.label for member in members(answer, panel.by, page)]
    return ["All"] * answer.n_rows


def _bucket(at: date, panel: BarChart, page: Page) -> str:
    """Return the name of a bucket, short: a week by its first day alone, as the column and the axis say week."""
    return dates.bucket(at, panel.grain or "day", today=page.today).removeprefix("Week of ")


def _grid(panel: BarChart, answers: Answers, page: Page, places: Sequence[str]) -> tuple[list[str], Grid]:
    answer = answers["bars"]
    grid: Grid = {}
    inner = panel.stack or (panel.by if panel.grain else None)
    if inner is None:
        names = [page.label(metric) for metric in panel.metrics]
        for row, place in enumerate(places):
            for metric, name in zip(panel.metrics, names, strict=True):
                grid[name, place] = _figure(answer, row, metric, page, _held(panel, answer, row, page))
        return names, grid
    owners, metric = members(answer, inner, page), panel.metrics[0]
    for row, (place, owner) in enumerate(zip(places, owners, strict=True)):
        grid[owner.label, place] = _figure(answer, row, metric, page, (held(inner, owner),))
    ranked = [member.label for member in members(answers["rank"], inner, page)] if "rank" in answers else []
    names = _unique([*ranked, *(owner.label for owner in owners)])
    return _folded(names, grid, page, metric)


def _folded(names: list[str], grid: Grid, page: Page, metric: str) -> tuple[list[str], Grid]:
    """Return at most four stacks: of an additive metric the smallest are added up as "Other"."""
    adds = page.catalog.metric(metric).type == "simple" and getattr(page.catalog.metric(metric), "agg", "") in (
        "sum",
        "count",
    )
    if len(names) <= MOST_STACKS or not adds:
        return names, grid
    kept, rest = names[: MOST_STACKS - 1], set(names[MOST_STACKS - 1 :])
    folded = {key: made for key, made in grid.items() if key[0] not in rest}
    other = f"Other ({len(rest)})"
    for (name, place), made in grid.items():
        if name in rest and made.value is not None:
            value = made.value + (folded[other, place].value or 0 if (other, place) in folded else 0)
            unit = page.unit(metric)
            text = formats.number(value, unit)
            folded[other, place] = Figure(text, formats.number(value, unit, place="exact"), f"{other} {text}", value)
    return [*kept, other], folded


def _held(panel: BarChart, answer: Answer, row: int, page: Page) -> tuple[Filter, ...]:
    return (held(panel.by, members(answer, panel.by, page)[row]),) if panel.by else ()


def _figure(answer: Answer, row: int, metric: str, page: Page, row_held: tuple[Filter, ...]) -> Figure:
    return figure(answer.cell(row, metric), answer, page, place="table", held=row_held)


def _same_unit(panel: BarChart, page: Page, names: list[str]) -> list[str]:
    if panel.stack or len(panel.metrics) == 1:
        return names
    return [
        name
        for metric, name in zip(panel.metrics, names, strict=True)
        if page.unit(metric) == page.unit(panel.metrics[0])
    ]


def _pale(panel: BarChart, answer: Answer, page: Page) -> list[str]:
    if not panel.grain:
        return []
    cut: list[date] = [at for at in buckets(answer) if partial(at, panel.grain, answer, page)]
    return [_bucket(at, panel, page) for at in sorted(set(cut))]


def _point(place: str, made: Figure | None, pale: Sequence[str]) -> Point:
    value = made.value if made is not None and made.text != formats.MISSING else None
    return Point(place, value, made.text if made else formats.MISSING, place in pale)


def _references(panel: BarChart, page: Page) -> list[Reference]:
    metric = page.catalog.metric(panel.metrics[0])
    if len(panel.metrics) > 1 or panel.stack or metric.benchmark is None:
        return []
    return [Reference(metric.benchmark, f"Benchmark {formats.limit(metric.benchmark, page.unit(panel.metrics[0]))}")]


def _notes(
    panel: BarChart,
    answer: Answer,
    names: Sequence[str],
    drawn: Sequence[str],
    pale: Sequence[str],
    answers: Answers,
    page: Page,
) -> list[str]:
    notes = []
    if len(drawn) < len(names):
        notes.append(
            f"{formats.joined([name for name in names if name not in drawn])}: another unit, so in the table only."
        )
    if answer.total_rows > answer.n_rows:
        notes.append(f"The first {answer.n_rows:,} of {answer.total_rows:,} by {page.label(panel.metrics[0]).lower()}.")
    if names and names[-1].startswith("Other (") and "rank" in answers and panel.stack:
        rest = [member.label for member in members(answers["rank"], panel.stack, page)][MOST_STACKS - 1 :]
        notes.append(f"Other: {formats.joined(rest)}.")
    if pale:
        notes.append(f"Pale: {formats.joined(pale)} {formats.cut_words(len(pale), panel.grain)}.")
    return notes


def _sentence(title: str, lines: Sequence[Line]) -> str:
    said = [f"{point.at} {point.words}" for point in lines[0].points[:12]] if lines else []
    others = f" First of {len(lines)} series." if len(lines) > 1 else ""
    return f"Bar chart, {title}: {', '.join(said)}.{others}"


def _columns(panel: BarChart, page: Page, names: Sequence[str]) -> list[Column]:
    first = Column("place", panel.grain.capitalize() if panel.grain else page.dimension(panel.by) if panel.by else "")
    several = len(panel.metrics) > 1 and not panel.stack
    units = [page.unit(metric).header for metric in panel.metrics] if several else []
    one = page.unit(panel.metrics[0]).header
    return [first, *(Column(f"s{n}", name, units[n] if n < len(units) else one, True) for n, name in enumerate(names))]


def _rows(places: Sequence[str], names: Sequence[str], grid: Grid) -> Lines:
    return [(place, [grid.get((name, place), formats.MISSING) for name in names]) for place in places]
