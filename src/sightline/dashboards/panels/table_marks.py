"""What marks a cell of a table: heat against a reference, a missed benchmark, the best and the worst row."""

from __future__ import annotations

from collections.abc import Sequence

from sightline.dashboards import formats
from sightline.dashboards.page import Page
from sightline.dashboards.standing import band_words
from sightline.dashboards.view import Badge, Heat
from sightline.definitions.schema.bands import SegmentRanges
from sightline.metrics.answer import Cell

FEWEST_TO_SHADE = 20
"""With fewer cases a shade would be noise (ui.md §2)."""
_STEPS: tuple[tuple[float, Heat], ...] = ((0.70, "n3"), (0.85, "n2"), (0.95, "n1"))
_STEPS_UP: tuple[tuple[float, Heat], ...] = ((1.30, "p3"), (1.15, "p2"), (1.05, "p1"))
_ONE_MARK_BELOW = 12


def heat(cell: Cell, reference: float | None, direction: str) -> Heat:
    """Return the shade of a value against its reference. Blue is better: for costs, lower."""
    if cell.value is None or not reference or reference < 0 or cell.state != "ok" or _young(cell):
        return ""
    if cell.n is not None and cell.n < FEWEST_TO_SHADE:
        return ""
    ratio = cell.value / reference
    if direction == "down":
        ratio = 1 / ratio if ratio > 0 else 2.0
    lower: Heat = next((name for limit, name in _STEPS if ratio < limit), "")
    return lower or next((name for limit, name in _STEPS_UP if ratio > limit), "")


def below(cell: Cell, page: Page) -> str:
    """Return in words which benchmark the value misses ("below 10%"), or "".

    A segment with ranges of its own is held against those, not against what holds for the whole.
    """
    metric = page.catalog.metric(cell.metric)
    if isinstance(cell.ranges, SegmentRanges):
        is_off = cell.status in ("warning", "critical")
        return band_words(cell.ranges, cell.status or "", page.unit(cell.metric)) if is_off else ""
    if metric.benchmark is None or cell.value is None or cell.state != "ok" or _young(cell):
        return ""
    limit = formats.limit(metric.benchmark, page.unit(cell.metric))
    if metric.direction == "down":
        return f"above {limit}" if cell.value > metric.benchmark else ""
    return f"below {limit}" if cell.value < metric.benchmark else ""


def badges(cells: Sequence[Cell], direction: str) -> list[Badge]:
    """Return top, bottom or nothing per row: one each, three each from twelve rows on; ties share the mark.

    Rows without a firm value take no part, and among fewer than four there is no ranking.
    """
    firm = [cell.value for cell in cells if cell.value is not None and cell.state == "ok" and not _young(cell)]
    if len(firm) < 4 or direction == "neutral":
        return [""] * len(cells)
    marks = 1 if len(firm) < _ONE_MARK_BELOW else 3
    order = sorted(firm, reverse=direction != "down")
    best, worst = order[marks - 1], order[-marks]
    if best == worst:
        return [""] * len(cells)
    return [_badge(cell, best, worst, direction) for cell in cells]


def _badge(cell: Cell, best: float, worst: float, direction: str) -> Badge:
    if cell.value is None or cell.state != "ok" or _young(cell):
        return ""
    sign = -1 if direction == "down" else 1
    if cell.value * sign >= best * sign:
        return "top"
    return "bottom" if cell.value * sign <= worst * sign else ""


def _young(cell: Cell) -> bool:
    return cell.maturing is not None and cell.maturing < 1
