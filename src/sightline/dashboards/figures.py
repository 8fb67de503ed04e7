"""From a cell of an answer to what stands on the page: value, change, target and status are four separate things."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sightline.dashboards import formats
from sightline.dashboards.dates import day
from sightline.dashboards.formats import Place
from sightline.dashboards.page import Page
from sightline.dashboards.parts import Bullet, Delta, Figure, FigureState, Link, Spark, Standing, Tone
from sightline.dashboards.selection import BASES
from sightline.dashboards.units import Unit
from sightline.metrics.answer import Answer, Cell, SourceState
from sightline.metrics.question import Filter
from sightline.stats.proportion import wilson

STATUS_WORDS = {"excellent": "Ahead", "good": "On track", "warning": "Watch", "critical": "Off track"}
_REASONS = {
    "no_data": "No data in this period",
    "hidden": "Not for your role",
    "zero_denominator": "Nothing to divide by in this period",
    "mixed_currencies": "Amounts in several currencies are not added",
    "no_rate": "No exchange rate for these amounts",
    "no_history": "The data does not reach back far enough",
    "undefined": "Not defined for these values",
    "not_reached": "Not reached yet",
    "too_few": "Too few observations",
}


def figure(
    cell: Cell,
    answer: Answer,
    page: Page,
    *,
    place: Place,
    held: tuple[Filter, ...] = (),
    decimals: int | None = None,
    bare: bool = False,
) -> Figure:
    """Return the finished figure of a cell. `held` are the filters that its row stands for."""
    unit, label = page.unit(cell.metric), page.label(cell.metric)
    explain = page.explain(answer.question, cell.metric, held)
    if cell.value is None:
        return _missing(cell, label, explain)
    if cell.state == "too_few":
        return _few(cell, unit, label, explain)
    state, reason = _caveat(cell, answer)
    words = formats.spoken(cell.value, unit, place=place)
    status = cell.status if state == "ok" else None
    return Figure(
        text=formats.number(cell.value, unit, place=place, decimals=decimals, bare=bare),
        exact=formats.number(cell.value, unit, place="exact"),
        spoken=f"{label} {words}" + (f", {reason}" if reason else ""),
        value=cell.value,
        state=state,
        reason=reason,
        status=status,
        status_words=STATUS_WORDS[status] if status else "",
        explain=explain,
    )


def _missing(cell: Cell, label: str, explain: Link) -> Figure:
    reason = _REASONS.get(cell.state, _REASONS["no_data"])
    return Figure(
        formats.MISSING, spoken=f"{label}: no value, {reason}", state="missing", reason=reason, explain=explain
    )


def _few(cell: Cell, unit: Unit, label: str, explain: Link) -> Figure:
    """Return a rate as its counts and interval, anything else as too few: never a bare number."""
    n, value = cell.n or 0, cell.value or 0.0
    successes = round(value * n)
    exact = formats.number(value, unit, place="exact")
    if unit.is_rate and n and 0 <= value <= 1 and abs(successes - value * n) < 1e-6:
        interval = formats.share_range(*_interval(successes, n))
        counts = f"{successes:,} of {n:,}"
        return Figure(
            text=counts,
            exact=exact,
            spoken=f"{label}: {counts}, between {interval.replace('–', ' and ')}",
            value=value,
            state="too_few",
            reason=f"n too small ({n:,})",
            interval=interval,
            explain=explain,
        )
    reason = f"n too small ({n:,})"
    return Figure(
        formats.MISSING, exact=exact, spoken=f"{label}: {reason}", state="too_few", reason=reason, explain=explain
    )


def _interval(successes: int, n: int) -> tuple[float, float]:
    found = wilson(successes=successes, n=n)
    return found.low, found.high


def _caveat(cell: Cell, answer: Answer) -> tuple[FigureState, str]:
    if cell.maturing is not None and cell.maturing < 1:
        return "maturing", f"Maturing, {formats.fixed(cell.maturing * 100, 0)}% of the cohort has had its time"
    held = held_words(answer)
    return ("held", held) if held else ("ok", "")


def held_words(answer: Answer) -> str:
    """Return "Held at 21 Jan" when a source behind the answer is stale, else ""."""
    stale = [source for source in answer.sources if source.state == "stale"]
    through = [source.data_through for source in stale if source.data_through]
    return f"Held at {_day_of(min(through), answer)}" if through else "Stale" if stale else ""


def stale_words(sources: Sequence[SourceState], answer: Answer) -> str:
    """Return which sources are behind, in a sentence: "Spend is held at 21 Jan." or ""."""
    stale = [source for source in sources if source.state == "stale"]
    parts = [
        f"{source.label} is held at {_day_of(source.data_through, answer)}"
        if source.data_through
        else f"{source.label} is stale"
        for source in stale
    ]
    return f"{formats.joined(parts)}." if parts else ""


def _day_of(moment: datetime, answer: Answer) -> str:
    """Return the workspace's day of a moment: east of Greenwich midnight is the day before in UTC."""
    return day(moment.astimezone(ZoneInfo(answer.zone)).date(), today=answer.today)


def base_words(answer: Answer) -> str:
    """Return what a change is against: "vs previous", or the same point when the period is still open."""
    base = BASES[answer.compare]
    return "vs same point" if answer.is_open and answer.compare == "previous_period" else base


def delta(cell: Cell, answer: Answer, page: Page) -> Delta | None:
    """Return the change of a cell, or None when there is none to speak of (no comparison, immature, too few)."""
    if cell.change is None or cell.state != "ok" or (cell.maturing is not None and cell.maturing < 1):
        return None
    size = formats.change_size(cell.change, cell.change_kind, page.unit(cell.metric))
    flat = not any(digit in "123456789" for digit in size)
    tone: Tone = "none" if flat or cell.good is None else "good" if cell.good else "bad"
    base = base_words(answer)
    arrow = "flat" if flat else "up" if cell.change > 0 else "down"
    judged = {"good": ", better", "bad": ", worse", "none": ""}[tone]
    said = "unchanged" if flat else f"{arrow} {size}{judged}"
    return Delta(size, arrow, tone, base, f"{said}, {base}" if base else said)  # type: ignore[arg-type] # literals


def spark(values: Sequence[float | None], *, label: str, open_end: bool = False) -> Spark | None:
    """Return the line of the values in a 72 × 28 box, or None with fewer than two of them."""
    known = [(index, value) for index, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    low, high = min(value for _, value in known), max(value for _, value in known)
    step = 66 / (len(values) - 1)
    spread = high - low or 1.0
    flat = high == low
    points = [(3 + index * step, 14.0 if flat else 25 - (value - low) / spread * 22) for index, value in known]
    solid = points[:-1] if open_end and len(points) > 2 else points
    last = points[-1]
    trend = "level" if flat else "rising" if known[-1][1] > known[0][1] else "falling"
    return Spark(
        path=_path(solid),
        x=round(last[0], 1),
        y=round(last[1], 1),
        spoken=f"{label}: {trend} over {len(known)} points",
        dashed=_path([points[-2], last]) if solid is not points else "",
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}".replace(".0", "") for x, y in points)


def bullet(cell: Cell, page: Page, stands: Standing | None = None) -> Bullet | None:
    """Return the position of a value along a track that ends at its target or itself, whichever is larger.

    A thin tick shows what was due by now when the target is for a period that has not ended.
    """
    metric = page.catalog.metric(cell.metric)
    aim = cell.target if cell.target is not None else metric.benchmark
    if cell.value is None or aim is None or aim <= 0 or cell.state != "ok":
        return None
    unit = page.unit(cell.metric)
    top = max(aim * 1.1, cell.value)
    name = formats.limit(aim, unit)
    kind = "target" if cell.target is not None else "benchmark"
    shares = metric.direction != "down" and not unit.is_rate
    words = f"{formats.fixed(cell.value / aim * 100, 0)}% of {name} {kind}" if shares else f"{kind} {name}"
    paced = cell.expected is not None and cell.expected != cell.target
    return Bullet(
        value=round(max(0.0, cell.value / top * 100), 1),
        target=round(aim / top * 100, 1),
        words=words,
        status=stands.status if stands is not None else cell.status,
        ticks=(round((cell.expected or 0) / top * 100, 1),) if paced else (),
    )
