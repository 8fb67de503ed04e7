"""Events on a time axis: dashed verticals, each with a short label, neighbours on different lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sightline.charts.series import Event, Spec

_LEVELS, _LINE = 3, 13  # how many lines of labels there are above one another, and their height


def event_layers(events: Sequence[Event], *, until: str, since: str, narrow: bool) -> list[Spec]:
    """Return the layers of the events, none without any. Labels alternate between lines; late ones stand left."""
    if not events:
        return []
    most = 12 if narrow else 20
    turn = _turn(since, until, 0.6 if narrow else 0.8)
    rows: list[Spec] = [
        {
            "at": _wall(event.at),
            "label": _short(event.label, most),
            "text": event.label,
            "level": number % _LEVELS,
            "late": _wall(event.at) > turn,
        }
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
        for level, late in sorted({(row["level"], row["late"]) for row in rows})
    ]
    return [{"data": data, "layer": [rule, *words]}]


def _turn(since: str, until: str, share: float) -> str:
    """Return from when on labels stand left of their line, so that none runs over the edge."""
    first, last = datetime.fromisoformat(since), datetime.fromisoformat(until)
    return _wall((first + (last - first) * share).isoformat())


def _wall(at: str) -> str:
    return f"{datetime.fromisoformat(at):%Y-%m-%dT%H:%M:%S}Z"


def _short(label: str, most: int) -> str:
    return label if len(label) <= most else f"{label[: most - 1].rstrip()}…"
