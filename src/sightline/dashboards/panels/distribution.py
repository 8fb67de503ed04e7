"""A distribution: one bar in parts, each with share and count, and above it the score they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sightline.charts.standings import parts_chart
from sightline.dashboards import formats
from sightline.dashboards.figures import delta, figure
from sightline.dashboards.headings import metric_heading
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked
from sightline.dashboards.panel_views import DistributionView, Part
from sightline.dashboards.panels.donut import SHARE, share_words
from sightline.dashboards.panels.frame import Answers, frame, nothing
from sightline.dashboards.panels.twin import table_beside
from sightline.dashboards.parts import Figure, Standing
from sightline.dashboards.reading import held, members
from sightline.dashboards.sheets import Heading
from sightline.dashboards.standing import standing
from sightline.dashboards.view import Cell, Column, PanelView, Row
from sightline.definitions.schema.dashboard import DistributionChart

_COLOURS = {2: (1, 2), 3: (1, 0, 2), 4: (1, 6, 5, 2), 5: (1, 6, 0, 5, 2)}
"""From the best to the worst part: blue to orange, grey in the middle."""


def plan(panel: DistributionChart, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the question of the parts, and of the score."""
    if panel.metric and panel.by:
        parts = asked(panel, slot.selection, (panel.metric,), group_by=(panel.by,))
    else:
        parts = asked(panel, slot.selection, tuple(panel.metrics))
    found = [PlannedQuestion("parts", parts)]
    if panel.score:
        found.append(PlannedQuestion("score", asked(panel, slot.selection, (panel.score,), compare=True)))
    return tuple(found)


@dataclass(frozen=True)
class _Piece:
    label: str
    figure: Figure
    value: float
    name: str


def view(panel: DistributionChart, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the bar with its twin, or the message of an empty one."""
    answer, page = answers["parts"], slot.page
    names = panel.metrics or [panel.metric or ""]
    title = panel.title or formats.joined([page.label(name) for name in names])
    pieces = _pieces(panel, answers, page)
    whole = sum(piece.value for piece in pieces if piece.value > 0)
    if not pieces or not whole:
        return nothing(panel, slot=slot, answer=answer, title=title)
    measured = [panel.score] if panel.score else names
    about = frame(panel, slot=slot, answer=answer, metrics=measured, title=title)
    parts = _parts(pieces, whole)
    score, judged, moved = None, Standing(), None
    if panel.score:
        cell = answers["score"].cell(0, panel.score)
        score = figure(cell, answers["score"], page, place="tile")
        judged, moved = standing(cell, score, page), delta(cell, answers["score"], page)
    return DistributionView(
        **about,
        parts=parts,
        sentence=f"{title}: {', '.join(f'{part.share_words} {part.label}' for part in parts)}.",
        table=table_beside(about, columns=_columns(panel, names[0], page), rows=_rows(pieces, whole)),
        score=score,
        standing=judged,
        delta=moved,
        picture=parts_chart([(f"{part.share_words} {part.label}", part.width / 100) for part in parts]),
    )


def _pieces(panel: DistributionChart, answers: Answers, page: Page) -> list[_Piece]:
    answer = answers["parts"]
    if not answer.n_rows:
        return []
    if panel.metric and panel.by:
        found = []
        for row, member in enumerate(members(answer, panel.by, page)):
            cell = answer.cell(row, panel.metric)
            made = figure(cell, answer, page, place="table", held=(held(panel.by, member),))
            found.append(_Piece(member.label, made, cell.value or 0.0, panel.metric))
        return _fewest(found, page)
    cells = [(name, answer.cell(0, name)) for name in panel.metrics]
    return [
        _Piece(page.label(name), figure(cell, answer, page, place="table"), cell.value or 0.0, name)
        for name, cell in cells
    ]


def _fewest(found: list[_Piece], page: Page) -> list[_Piece]:
    """Return at most five parts: of more, the four largest and the rest as one."""
    if len(found) <= 5:
        return found
    large = sorted(found, key=lambda piece: piece.value, reverse=True)[:4]
    rest = sum(piece.value for piece in found if piece not in large)
    unit = page.unit(found[0].name)
    words = formats.number(rest, unit)
    others = _Piece(f"{len(found) - 4} more", Figure(words, words, f"{words} in others", rest), rest, found[0].name)
    return [*(piece for piece in found if piece in large), others]


def _parts(pieces: Sequence[_Piece], whole: float) -> tuple[Part, ...]:
    at, found = 0.0, []
    colours = _COLOURS.get(len(pieces), (1,))
    for piece, colour in zip(pieces, colours, strict=False):
        share = max(0.0, piece.value) / whole
        found.append(Part(piece.label, piece.figure, share_words(share), at, share * 100, colour))
        at += share * 100
    return tuple(found)


def _columns(panel: DistributionChart, name: str, page: Page) -> list[Column]:
    heading = page.dimension(panel.by) if panel.by else "Part"
    label = page.label(name) if panel.metric else "Value"
    return [
        Column("part", heading, file=Heading(heading, "text")),
        Column("value", label, page.unit(name).header, True, file=metric_heading(label, name, page, whole=False)),
        Column("share", "Share", "%", True, file=Heading("Share (%)", "percent")),
    ]


def _rows(pieces: Sequence[_Piece], whole: float) -> list[Row]:
    return [
        Row(
            piece.label,
            (
                Cell(piece.label),
                Cell(piece.figure.text, piece.value, figure=piece.figure),
                Cell(formats.number(piece.value / whole, SHARE, bare=True), raw=piece.value / whole),
            ),
        )
        for piece in pieces
    ]
