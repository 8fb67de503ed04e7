"""How fresh a page is: the worst of its sources decides, and every source says its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

from sightline.dashboards import dates
from sightline.dashboards.view import FreshnessView, SourceLine
from sightline.definitions.catalog import Catalog
from sightline.metrics.answer import SourceState

State = Literal["fresh", "late", "stale", "empty"]
_WORST: tuple[State, ...] = ("stale", "late", "empty", "fresh")


def freshness(sources: Sequence[SourceState], *, catalog: Catalog, today: date) -> FreshnessView:
    """Return the freshness of a page from the sources of all its answers."""
    own = {source.dataset: source for source in sources}
    if not own:
        return FreshnessView("empty", "No data yet")
    lines = tuple(_line(source, catalog, today) for source in sorted(own.values(), key=_rank))
    behind = [source for source in own.values() if source.state in ("late", "stale")]
    if behind:
        state: State = "stale" if any(source.state == "stale" for source in behind) else "late"
        return FreshnessView(state, f"{len(behind)} of {len(own)} sources late", lines)
    # Only sources with a freshness rule are expected to move; a list of schools may be years old and right.
    watched = [each for each in own.values() if catalog.dataset(each.dataset).freshness and each.data_through]
    moving = watched or [each for each in own.values() if each.data_through]
    through = [each.data_through for each in moving if each.data_through is not None]
    if not through:
        return FreshnessView("empty" if not any(each.rows for each in own.values()) else "fresh", "No data yet", lines)
    at = min(through) if watched else max(through)
    behind_it = next(each for each in moving if each.data_through == at)
    return FreshnessView("fresh", f"Data to {reached(behind_it, catalog=catalog, today=today)}", lines)


def reached(source: SourceState, *, catalog: Catalog, today: date) -> str:
    """Return how far a dataset reaches: a day when its rows only know days, else day and time."""
    at, zone = source.data_through or source.loaded_at, catalog.settings.zone
    if at is None:
        return "nothing yet"
    dataset = catalog.dataset(source.dataset)
    if source.data_through is not None and dataset.time and dataset.columns[dataset.time].type == "date":
        return dates.day(at.astimezone(ZoneInfo(zone)).date(), today=today)
    return dates.moment(at, zone=zone, today=today)


def _rank(source: SourceState) -> tuple[int, str]:
    return _WORST.index(source.state), source.label


def _line(source: SourceState, catalog: Catalog, today: date) -> SourceLine:
    if source.state == "empty" or not source.rows:
        return SourceLine(source.label, "empty", "No data yet")
    zone = catalog.settings.zone
    through = f"data to {reached(source, catalog=catalog, today=today)}" if source.data_through else ""
    loaded = f"loaded {dates.moment(source.loaded_at, zone=zone, today=today)}" if source.loaded_at else ""
    words = ", ".join(part for part in (f"{source.rows:,} rows", through, loaded) if part)
    return SourceLine(source.label, source.state, words)
