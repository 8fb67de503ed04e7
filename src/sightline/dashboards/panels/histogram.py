"""A histogram: how many members have a value in which range, of all and by segment. A real table, shaded by share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import get_args

from sightline.charts.heatmap import heatmap_chart
from sightline.dashboards import formats
from sightline.dashboards.figures import STATUS_WORDS
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked
from sightline.dashboards.panels.donut import share_words
from sightline.dashboards.panels.frame import Answers, frame, nothing
from sightline.dashboards.panels.heatmap import STEPS
from sightline.dashboards.parts import Figure
from sightline.dashboards.reading import is_empty, members
from sightline.dashboards.standing import range_words
from sightline.dashboards.view import HeatCell, HeatmapView, HeatRow, PanelView
from sightline.definitions.bands import Band, Status, parsed, status_in
from sightline.definitions.schema.dashboard import HistogramChart
from sightline.metrics.answer import Answer

ALL = "All"
WHOLE, MEMBERS = "whole", "members"
OUTSIDE, NO_VALUE = "Outside", "No value"


@dataclass(frozen=True)
class _Ranges:
    """The ranges in order with their words; `of` says in which a value lies."""

    words: tuple[str, ...]
    edges: tuple[float, ...] = ()
    bands: dict[Status, Band] | None = None

    def of(self, value: float | None) -> str:
        if value is None:
            return NO_VALUE
        if self.bands is None:
            return self.words[sum(1 for edge in self.edges if value >= edge)]
        status = status_in(self.bands, value)
        return OUTSIDE if status is None else self.words[list(self.bands).index(status)]


def plan(panel: HistogramChart, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the value of every member, and of its part in every segment: a member may have parts in several."""

    def question(key: str, *group: str) -> PlannedQuestion:
        return PlannedQuestion(key, asked(panel, slot.selection, (panel.metric,), group_by=group))

    whole = question(WHOLE, panel.of)
    return (question(MEMBERS, panel.of, panel.by), whole) if panel.by else (whole,)


def view(panel: HistogramChart, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the counts, or the message of an empty one. Members without a value stand in a column of their own."""
    answer, page = answers[WHOLE], slot.page
    noun = page.dimension(panel.of).lower()
    title = panel.title or f"{formats.many(page.dimension(panel.of))} by {page.label(panel.metric).lower()}"
    if not answer.n_rows or is_empty(answer, (panel.metric,)):
        return nothing(panel, slot=slot, answer=answer, title=title)
    about = frame(panel, slot=slot, answer=answer, metrics=(panel.metric,), title=title)
    ranges = _ranges(panel, page)
    counts = _counts(panel, answers, page, ranges)
    columns = [*ranges.words, *(each for each in (OUTSIDE, NO_VALUE) if any(row[each] for row in counts.values()))]
    rows = tuple(HeatRow(label, _cells(label, row, columns, noun)) for label, row in counts.items())
    about["subtitle"] = panel.subtitle or f"{formats.many(noun).capitalize()}, and their share of the row"
    return HeatmapView(
        **about,
        caption=f"{title}, {formats.plural(len(rows), 'row')} by {formats.plural(len(columns), 'column')}",
        row_heading=page.dimension(panel.by) if panel.by else formats.many(page.dimension(panel.of)),
        columns=tuple(columns),
        heat_rows=rows,
        low="0%",
        high="100%",
        sentence=f"{title}: {_sentence(rows[0], columns)}.",
        picture=dict(heatmap_chart(_drawn(rows, columns), mode="light")),
    )


def _ranges(panel: HistogramChart, page: Page) -> _Ranges:
    unit = page.unit(panel.metric)
    if panel.edges:
        edges = tuple(panel.edges)
        between = [f"{formats.limit(low, unit)} to {formats.limit(high, unit)}" for low, high in pairwise(edges)]
        words = (f"Below {formats.limit(edges[0], unit)}", *between, f"{formats.limit(edges[-1], unit)} and above")
        return _Ranges(words, edges)
    found = parsed(page.catalog.metric(panel.metric).bands)
    bands = {status: found[status] for status in reversed(get_args(Status)) if status in found}
    return _Ranges(
        tuple(f"{STATUS_WORDS[status]}, {range_words(band, unit)}" for status, band in bands.items()), bands=bands
    )


def _counts(panel: HistogramChart, answers: Answers, page: Page, ranges: _Ranges) -> dict[str, Counter[str]]:
    """Return by row how many members lie in each range: all of them first, then each segment."""

    def lies(answer: Answer, row: int) -> str:
        return ranges.of(answer.cell(row, panel.metric).value)

    whole, parts = answers[WHOLE], answers.get(MEMBERS)
    found = {ALL: Counter(lies(whole, row) for row in range(whole.n_rows))}
    if panel.by and parts is not None:
        for row, segment in enumerate(members(parts, panel.by, page)):
            found.setdefault(segment.label, Counter())[lies(parts, row)] += 1
    return found


def _cells(label: str, counts: Counter[str], columns: Sequence[str], noun: str) -> tuple[HeatCell, ...]:
    whole = counts.total()
    found = []
    for column in columns:
        count, share = counts[column], counts[column] / whole
        said = f"{label}, {column.lower()}: {formats.plural(count, noun, formats.many(noun))} of {whole:,}"
        text = f"{count:,} ({share_words(share)})" if count else "0"
        step = min(STEPS, 1 + int(share * STEPS)) if count else 0
        found.append(HeatCell(Figure(text, spoken=said, value=float(count)), step))
    return tuple(found)


def _sentence(row: HeatRow, columns: Sequence[str]) -> str:
    pairs = zip(columns, row.cells, strict=True)
    return ", ".join(f"{column.lower()} {cell.figure.text}" for column, cell in pairs)


def _drawn(rows: Sequence[HeatRow], columns: Sequence[str]) -> list[tuple[str, str, float | None, str]]:
    return [
        (column, row.label, (cell.figure.value or 0.0) / _whole(row) if cell.step else None, cell.figure.text)
        for row in rows
        for column, cell in zip(columns, row.cells, strict=True)
    ]


def _whole(row: HeatRow) -> float:
    return sum(cell.figure.value or 0.0 for cell in row.cells)
