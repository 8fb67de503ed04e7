"""Events on a time axis: dashed verticals, each with a short label where one fits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sightline.charts.series import Event, Spec

COLUMNS = 12
_LEVELS, _LINE = 3, 13  # how many lines of labels there are above one another, and their height
_LETTER, _NARROW, _COLUMN, _BESIDE = 6.1, 280.0, 98.0, 180.0
"""Pixels: of a letter, of the axis of a narrow drawing, of one of a page's twelve columns, of what the axis lacks."""
_WIDEST = 680.0  # the axis of a panel over the whole page, where the window is small


def event_layers(
    events: Sequence[Event], *, until: str, since: str, narrow: bool, columns: int = COLUMNS
) -> list[Spec]:
    """Return the layers of the events, none without any; `columns` of the page's twelve are as wide as the panel.

    A label stands on the first line where it meets no other: right of its event, or left of it when it is late. Where
    all lines are taken the event has none: its tip and the table tell it.
    """
    if not events:
        return []
    turn = 0.6 if narrow else 0.8
    letter = _LETTER / (_NARROW if narrow else min(columns * _COLUMN - _BESIDE, _WIDEST))
    free: list[list[tuple[float, float]]] = [[] for _ in range(_LEVELS)]  # per line, what of the axis labels take
    rows: list[Spec] = []
    for event in sorted(events, key=lambda event: event.at):
        label = _short(event.label, 12 if narrow else 20)
        place = _share(event.at, since=since, until=until)
        width = (len(label) + 1) * letter
        stretch = (place - width, place) if place > turn else (place, place + width)
        level = next((number for number, taken in enumerate(free) if not _meets(stretch, taken)), _LEVELS)
        if level < _LEVELS:
            free[level].append(stretch)
        rows.append({"at": _wall(event.at), "label": label, "text": event.label, "level": level, "late": place > turn})
    x = {"field": "at", "type": "temporal", "scale": {"type": "utc"}}
    tips = [
        {"field": "text", "title": ""},
        {"field": "at", "type": "temporal", "timeUnit": "utcyearmonthdate", "title": "On", "format": "%-d %b %Y"},
    ]
    data = {"values": rows}
    rule = {"mark": {"type": "rule", "strokeDash": [3, 3], "style": "event"}, "encoding": {"x": x, "tooltip": tips}}
    words = [
        {
            "transform": [{"filter": f"datum.level == {level} && {'' if late else '!'}datum.late"}],
            "mark": {
                "type": "text",
                "style": "target-label",
                "align": "right" if late else "left",
                "baseline": "top",
                "dx": -4 if late else 4,
                "dy": level * _LINE,
                "fontSize": 11,
            },
            "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "label"}, "tooltip": tips},
        }
        for level, late in sorted({(row["level"], row["late"]) for row in rows if row["level"] < _LEVELS})
    ]
    return [{"data": data, "layer": [rule, *words]}]


def _share(at: str, *, since: str, until: str) -> float:
    """Return where on the axis a moment is, 0 to 1."""
    moment, first, last = (datetime.fromisoformat(text).replace(tzinfo=None) for text in (at, since, until))
    return (moment - first) / (last - first) if last > first else 0.0


def _meets(stretch: tuple[float, float], taken: Sequence[tuple[float, float]]) -> bool:
    return any(stretch[0] < end and begin < stretch[1] for begin, end in taken)


def _wall(at: str) -> str:
    return f"{datetime.fromisoformat(at):%Y-%m-%dT%H:%M:%S}Z"


def _short(label: str, most: int) -> str:
    return label if len(label) <= most else f"{label[: most - 1].rstrip()}…"
