"""How a figure stands: the word of its status, and the band or target that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sightline.dashboards import formats
from sightline.dashboards.figures import STATUS_WORDS
from sightline.dashboards.page import Page
from sightline.dashboards.parts import Figure, FigureState
from sightline.dashboards.units import Unit
from sightline.definitions.bands import Band, parse_band
from sightline.definitions.schema.metric import Metric, Ranges
from sightline.metrics.answer import Cell

Judged = Literal["", "excellent", "good", "warning", "critical", "none"]
_UNJUDGED: dict[FigureState, str] = {
    "missing": "No value",
    "too_few": "Too few",
    "maturing": "Maturing",
    "held": "Held",
    "error": "No value",
}


@dataclass(frozen=True)
class Standing:
    """`judged` gives icon and colour, `words` the status, `reason` what it was held against ("at least 12%")."""

    judged: Judged = ""
    words: str = ""
    reason: str = ""

    @property
    def rank(self) -> int:
        """Trouble first: the order of a sorted column."""
        return ("critical", "warning", "none", "", "good", "excellent").index(self.judged)

    @property
    def is_well(self) -> bool:
        return self.judged in ("good", "excellent")

    @property
    def is_off(self) -> bool:
        return self.judged in ("critical", "warning")


def standing(cell: Cell, made: Figure, page: Page) -> Standing:
    """Return how the figure stands. Bands decide; without bands its target does; without both it has no status."""
    if made.state != "ok":
        return Standing("none", _UNJUDGED[made.state], made.reason)
    metric, unit = page.catalog.metric(cell.metric), page.unit(cell.metric)
    if cell.status is not None:
        return Standing(cell.status, STATUS_WORDS[cell.status], band_words(cell.ranges, cell.status, unit))
    if metric.bands is not None:
        return Standing("none", "No status", "outside every band")
    return _against_target(cell, metric, unit)


def _against_target(cell: Cell, metric: Metric, unit: Unit) -> Standing:
    if cell.target is None or cell.value is None or metric.direction == "neutral":
        return Standing("none", "No target")
    due = cell.expected if cell.expected is not None else cell.target
    sign = -1 if metric.direction == "down" else 1
    whole = f"target {formats.limit(cell.target, unit)}"
    reason = whole if due == cell.target else f"{formats.limit(due, unit)} due by now, {whole}"
    if sign * (cell.value - due) < 0:
        return Standing("critical", "Off track", reason)
    return Standing("good", "Met" if sign * (cell.value - cell.target) >= 0 else "On track", reason)


def band_words(ranges: Ranges | None, status: str, unit: Unit) -> str:
    """Return the band of a status in words: at least 12%, 10% to 12%, below 10%."""
    text = getattr(ranges, status, None)
    return range_words(parse_band(text), unit) if text else ""


def range_words(band: Band, unit: Unit) -> str:
    """Return a range of values in words."""
    low = formats.limit(band.low, unit) if band.low is not None else ""
    high = formats.limit(band.high, unit) if band.high is not None else ""
    if low and high:
        return low if low == high else f"{low} to {high}"
    if low:
        return f"{'at least' if band.low_included else 'above'} {low}"
    return f"{'at most' if band.high_included else 'below'} {high}"
