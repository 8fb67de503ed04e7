"""How much a counter grew between two samples of its series, over resets. Pure: the state is given and returned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

State = Mapping[str, Any]
"""`read_at`: the latest moment read; `series`: series → [value, at] or [value, at, created]. Plain JSON values."""

FORGOTTEN_AFTER = 7 * 86_400.0
"""Seconds without a sample after which a series is forgotten, so that the state stays small."""


@dataclass(frozen=True, slots=True)
class Point:
    """A counter's value at a moment, and the moment it began at 0 if that is told (seconds since 1970)."""

    value: float
    at: float
    created: float | None = None


def increase(before: Point | None, now: Point, *, read_at: float | None = None) -> float | None:
    """Return how much a counter grew since the sample before. None when that cannot be told.

    A value lower than before, or a beginning after the sample before, is a reset: the new value counts from 0. Without
    a sample before, the value counts only when the counter began after `read_at`, the moment of the last reading; one
    that was there already, but not seen, has grown by an unknown amount. A sample that is not newer has no increase.
    """
    if before is None:
        is_new = now.created is not None and read_at is not None and now.created > read_at
        return now.value if is_new else None
    if now.at <= before.at:
        return None
    return now.value if now.value < before.value or _began_again(before, now) else now.value - before.value


def _began_again(before: Point, now: Point) -> bool:
    """Return whether a counter began again. Two beginnings are compared first: both are by the source's clock."""
    if now.created is None:
        return False
    return now.created > (before.at if before.created is None else before.created)


def increases(points: Iterable[tuple[str, Point]], state: State | None) -> tuple[Sequence[float | None], State]:
    """Return the increase of each point in their order, and the state behind them. Series are told apart by name."""
    known = {series: _point(values) for series, values in (state or {}).get("series", {}).items()}
    read_at: float | None = (state or {}).get("read_at")
    found: list[float | None] = []
    for series, point in points:
        before = known.get(series)
        found.append(increase(before, point, read_at=read_at))
        if before is None or point.at > before.at:
            known[series] = point
    return found, _state(known, read_at)


def read_until(state: State, at: float) -> State:
    """Return the state with a later moment of reading: what begins after it is new."""
    return {**state, "read_at": max(at, state.get("read_at") or at)}


def _state(known: Mapping[str, Point], read_at: float | None) -> State:
    newest = max((point.at for point in known.values()), default=0.0)
    kept = {series: _values(point) for series, point in known.items() if point.at >= newest - FORGOTTEN_AFTER}
    return {"read_at": read_at, "series": kept}


def _values(point: Point) -> list[float]:
    return [point.value, point.at] if point.created is None else [point.value, point.at, point.created]


def _point(values: Sequence[float]) -> Point:
    return Point(*values)
