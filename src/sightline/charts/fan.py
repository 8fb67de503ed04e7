"""What comes after a line: the zone beyond its last close, two bands, a dashed median, and the words at its end."""

from __future__ import annotations

from typing import Any

from sightline.charts.series import Fan, Spec, apart

_GAP = 14  # pixels between two words at the end
_ABOVE = -6  # the words of the rule stand above the plot, where no event and no line is


def fan_behind(fan: Fan, place: Spec) -> list[Spec]:
    """Return what lies behind the lines: the zone and the bands. `place` are the encodings of both axes."""
    values = {"values": _rows(fan)}
    x, y = place["x"], place["y"]
    ends = {"values": [{"at": _wall(fan.start.at), "until": _wall(fan.steps[-1].at)}]}
    zone = {
        "data": ends,
        "mark": {"type": "rect", "style": "zone", "stroke": None, "opacity": 0.8},
        "encoding": {"x": x, "x2": {"field": "until"}},
    }
    bands = [
        {
            "data": values,
            "mark": {"type": "area", "style": style, "interpolate": "linear"},
            "encoding": {"x": x, "y": {**y, "field": f"{name}_low"}, "y2": {"field": f"{name}_high"}},
        }
        for name, style in (("outer", "band95"), ("inner", "band80"))
    ]
    return [zone, *bands]


def fan_in_front(fan: Fan, place: Spec, *, bounds: tuple[float, float], height: int, narrow: bool) -> list[Spec]:
    """Return what lies over the bands: the rule at the last close, the median, the end in words, and the tips."""
    x, values = place["x"], {"values": _rows(fan)}
    median = {
        "data": values,
        "mark": {"type": "line", "style": "forecast"},
        "encoding": {**place, "y": {**place["y"], "field": "median"}},
    }
    tips = [
        {"field": "words", "title": "Forecast"},
        {"field": "inner_words", "title": "80%"},
        {"field": "outer_words", "title": "95%"},
        {"field": "at", "type": "temporal", "timeUnit": "utcyearmonthdate", "title": "From", "format": "%-d %b %Y"},
    ]
    hover = {
        "data": values,
        "transform": [{"filter": "datum.words != ''"}],
        "mark": {"type": "point", "filled": True, "size": 120, "opacity": 0},
        "encoding": {**place, "y": {**place["y"], "field": "median"}, "tooltip": tips},
    }
    return [_rule(fan, x, narrow), median, *_ends(fan, place, bounds, height), hover]


def _rule(fan: Fan, x: Spec, narrow: bool) -> Spec:
    data = {"values": [{"at": _wall(fan.start.at), "closed": fan.closed, "ahead": fan.ahead}]}
    words = [
        {
            "mark": {
                "type": "text",
                "style": "target-label",
                "align": align,
                "baseline": "bottom",
                "dx": dx,
                "fontSize": 11,
            },
            "encoding": {"x": x, "y": {"value": _ABOVE}, "text": {"field": field}},
        }
        for field, align, dx in (("closed", "right", -4), ("ahead", "left", 4))
    ]
    line = {"mark": {"type": "rule", "style": "event", "strokeDash": [1, 0]}, "encoding": {"x": x}}
    return {"data": data, "layer": [line, *(words[:1] if narrow else words)]}


def _ends(fan: Fan, place: Spec, bounds: tuple[float, float], height: int) -> list[Spec]:
    """Return the last median and the ends of its 80 % interval in words, moved apart where they would meet."""
    last, span = fan.steps[-1], bounds[1] - bounds[0]
    ends = {
        "high": (last.inner[1], last.inner_words[1]),
        "median": (last.median, last.words),
        "low": (last.inner[0], last.inner_words[0]),
    }
    placed = apart({name: (bounds[1] - value) / span * height for name, (value, _) in ends.items()}, _GAP)
    rows = [
        {
            "at": _wall(last.at),
            "place": bounds[1] - placed[name] / height * span,
            "end": words,
            "main": name == "median",
        }
        for name, (_, words) in ends.items()
    ]
    own = {"x": place["x"], "y": {**place["y"], "field": "place"}, "text": {"field": "end"}}
    mark: dict[str, Any] = {"type": "text", "align": "left", "dx": 8, "baseline": "middle"}
    return [
        {"data": {"values": rows}, "transform": [{"filter": "datum.main"}], "mark": mark, "encoding": own},
        {
            "data": {"values": rows},
            "transform": [{"filter": "!datum.main"}],
            "mark": {**mark, "style": "target-label", "fontWeight": 400},
            "encoding": own,
        },
    ]


def _rows(fan: Fan) -> list[dict[str, Any]]:
    """Return a row per step, before them the last close, where both bands begin."""
    value = fan.start.value
    begun = {"median": value, "inner_low": value, "inner_high": value, "outer_low": value, "outer_high": value}
    rows: list[dict[str, Any]] = [{"at": _wall(fan.start.at), **begun, "words": ""}]
    for step in fan.steps:
        rows.append(
            {
                "at": _wall(step.at),
                "median": step.median,
                "inner_low": step.inner[0],
                "inner_high": step.inner[1],
                "outer_low": step.outer[0],
                "outer_high": step.outer[1],
                "words": step.words,
                "inner_words": " to ".join(step.inner_words),
                "outer_words": " to ".join(step.outer_words),
            }
        )
    return rows


def _wall(at: str) -> str:
    return f"{at}T00:00:00Z"
