"""Events on a time axis: dashed verticals, each with a short label, neighbours on different lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sightline.charts.series import Event, Spec

_LEVELS, _LINE = 3, 13  # how many lines of labels there are above one another, and their height


def event_layers(events: Sequence[Event], *, narrow: bool) -> list[Spec]:
    """Return the layers of the events, none without any. Labels alternate between three lines."""
    if not events:
        return []
    most = 12 if narrow else 22
    rows = [
        {"at": _wall(event.at), "label": _short(event.label, most), "text": event.label, "level": number % _LEVELS}
        for number, event in enumerate(sorted(events, key=lambda event: event.at))
    ]
    x = {"field": "at", "type": "temporal", "scale": {"type": "utc"}}
    tips = [
        {"field": "text", "title": ""},
        {"field": "at", "type": "temporal", "timeUnit": "utcyearmonthdate", "title": "On", "format": "%-d %b %Y"},
    ]
    data = {"values": rows}
    rule = {"mark": {"type": "rule", "strokeDash": [3, 3], "style": "event"}, "encoding": {"x": x, "tooltip": tips}}
    words = [
        {
            "transform": [{"filter": f"datum.level == {level}"}],
            "mark": {
                "type": "text",
                "style": "target-label",
                "align": "left",
                "baseline": "top",
                "dx": 4,
                "dy": level * _LINE,
                "fontSize": 11,
            },
            "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "label"}, "tooltip": tips},
        }
        for level in range(min(_LEVELS, len(rows)))
    ]
    return [{"data": data, "layer": [rule, *words]}]


def _wall(at: str) -> str:
    return f"{datetime.fromisoformat(at):%Y-%m-%dT%H:%M:%S}Z"


def _short(label: str, most: int) -> str:
    return label if len(label) <= most else f"{label[: most - 1].rstrip()}…"
