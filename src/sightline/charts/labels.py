"""Where the names of dots can stand without covering a dot, another name or the edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Side = Literal["right", "left", "above", "below"]
_CHARACTER, _LINE, _RADIUS = 6.2, 13.0, 8.0


@dataclass(frozen=True)
class Spot:
    """A dot in pixels and the name it wants."""

    x: float
    y: float
    name: str


Box = tuple[float, float, float, float]


def place(spots: Sequence[Spot], *, width: float, height: float, taken: Sequence[Box] = ()) -> dict[int, Side]:
    """Return a side per dot whose name has room, earlier dots first. The rest stay nameless (hover and table tell)."""
    dots = [(spot.x - _RADIUS, spot.y - _RADIUS, spot.x + _RADIUS, spot.y + _RADIUS) for spot in spots]
    used: list[Box] = list(taken)
    found: dict[int, Side] = {}
    for index, spot in enumerate(spots):
        for side in ("right", "left", "above", "below"):
            box = _box(spot, side)
            inside = box[0] >= 0 and box[2] <= width and box[1] >= 0 and box[3] <= height
            others = dots[:index] + dots[index + 1 :]
            if inside and not any(_meet(box, other) for other in (*others, *used)):
                used.append(box)
                found[index] = side
                break
    return found


def _box(spot: Spot, side: Side) -> Box:
    length, half = len(spot.name) * _CHARACTER, _LINE / 2
    if side == "right":
        return spot.x + _RADIUS + 2, spot.y - half, spot.x + _RADIUS + 2 + length, spot.y + half
    if side == "left":
        return spot.x - _RADIUS - 2 - length, spot.y - half, spot.x - _RADIUS - 2, spot.y + half
    top = spot.y - _RADIUS - _LINE if side == "above" else spot.y + _RADIUS
    return spot.x - length / 2, top, spot.x + length / 2, top + _LINE


def _meet(one: Box, two: Box) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
