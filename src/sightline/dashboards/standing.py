"""How a figure stands: the word of its status, and the band or target that says so."""

from __future__ import annotations

from sightline.dashboards import dates, formats
from sightline.dashboards.figures import STATUS_WORDS
from sightline.dashboards.page import Page
from sightline.dashboards.parts import Figure, FigureState, Standing
from sightline.dashboards.trend import Trend
from sightline.dashboards.units import Unit
from sightline.definitions.bands import Band, Status, parse_band
from sightline.definitions.schema.bands import Ranges
from sightline.definitions.schema.metric import Metric
from sightline.definitions.status_rules import status_rule
from sightline.metrics.answer import Cell

_UNJUDGED: dict[FigureState, str] = {
    "missing": "No value",
    "too_few": "Too few",
    "maturing": "Maturing",
    "held": "Held",
    "error": "No value",
}


def standing(cell: Cell, made: Figure, page: Page, *, trend: Trend | None = None) -> Standing:
    """Return how the figure stands. Bands decide; without bands its target does; without both it has no status.

    Then its trend may move that by one step, and is said with it.
    """
    found = _by_value(cell, made, page)
    return _moved(found, cell, trend, page) if trend is not None else found


def _by_value(cell: Cell, made: Figure, page: Page) -> Standing:
    if made.state != "ok":
        return Standing("none", _UNJUDGED[made.state], made.reason)
    metric, unit = page.catalog.metric(cell.metric), page.unit(cell.metric)
    if cell.status is not None:
        return Standing(cell.status, STATUS_WORDS[cell.status], band_words(cell.ranges, cell.status, unit))
    if metric.bands is not None:
        return Standing("none", "No status", "outside every band")
    return _against_target(cell, metric, unit, near=status_rule(cell.metric, page.catalog).near_target or 0.0)


def _moved(found: Standing, cell: Cell, trend: Trend, page: Page) -> Standing:
    """Return the standing as the trend leaves it: worse for long, on course for its target, well beyond it."""
    if found.is_well and trend.is_slipping:
        running = f"worse for {formats.plural(trend.worse_for, trend.grain)} running"
        return _turned("good" if found.judged == "excellent" else "warning", found, running)
    if found.judged == "critical" and trend.is_on_course and trend.reaches_on is not None and cell.target is not None:
        aim = formats.limit(cell.target, page.unit(cell.metric))
        when = dates.day(trend.reaches_on, today=page.today)
        return _turned("warning", found, f"at its pace at {aim} on {when}")
    share, wanted = _beyond(cell, page), trend.rule.ahead_by
    if found.judged == "good" and trend.is_worse is False and wanted and share is not None and share >= wanted:
        aim = formats.limit(cell.target or 0.0, page.unit(cell.metric))
        beyond = f"{formats.fixed(share * 100, 0)}% better than target {aim}, and no worse than before"
        return Standing("excellent", STATUS_WORDS["excellent"], beyond, beyond)
    return found


def _turned(judged: Status, found: Standing, trend: str) -> Standing:
    """Return the status that the trend leaves, with both reasons: "on track (at least 75%), but worse for 3 months"."""
    by_value = f"{found.words.lower()}{f' ({found.reason})' if found.reason else ''}"
    return Standing(judged, STATUS_WORDS[judged], f"{by_value}, but {trend}", trend)


def _beyond(cell: Cell, page: Page) -> float | None:
    """Return by which share of its target a figure is better than what is due; None without a target."""
    due = cell.expected if cell.expected is not None else cell.target
    if due is None or cell.value is None or not due:
        return None
    sign = -1 if page.catalog.metric(cell.metric).direction == "down" else 1
    return sign * (cell.value - due) / abs(due)


def _against_target(cell: Cell, metric: Metric, unit: Unit, *, near: float) -> Standing:
    if cell.target is None or cell.value is None or metric.direction == "neutral":
        return Standing("none", "No target")
    due = cell.expected if cell.expected is not None else cell.target
    sign = -1 if metric.direction == "down" else 1
    whole = f"target {formats.limit(cell.target, unit)}"
    reason = whole if due == cell.target else f"{formats.limit(due, unit)} due by now, {whole}"
    missed = sign * (due - cell.value)
    if 0 < missed <= near * abs(due):
        share = formats.fixed(missed / abs(due) * 100, 0 if missed >= 0.01 * abs(due) else 1)
        return Standing("warning", STATUS_WORDS["warning"], f"{share}% {'short of' if sign > 0 else 'above'} {reason}")
    if missed > 0:
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
