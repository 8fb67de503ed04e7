"""Dials, bars in parts and states over time as drawings for files. Pages draw them as SVG and tables of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

from sightline.charts.series import Spec

STYLES = {"excellent": "ahead", "good": "good", "warning": "warn", "critical": "bad"}
_ROW = 34


@dataclass(frozen=True)
class Span:
    """A piece of a dial between two shares (0..1) of it; `status` is a band's, or "" for the rest."""

    start: float
    end: float
    status: str = ""


def gauge_chart(*, bands: Sequence[Span], value: float | None, target: float | None, middle: str, words: str) -> Spec:
    """Return the spec of a dial: `value` and `target` are shares of its length."""
    layers = [_arc(Span(0, 1), 56, 76, {"fillOpacity": 0.25, "style": "comparison"})]
    layers += [_arc(span, 80, 86, {"style": STYLES.get(span.status, "comparison")}) for span in bands]
    if value is not None:
        layers.append(_arc(Span(0, value), 56, 76, {"style": "comparison"}))
    if target is not None:
        layers.append(_arc(Span(max(0, target - 0.004), min(1, target + 0.004)), 50, 90, {"style": "target-label"}))
    big = {"type": "text", "fontSize": 24, "fontWeight": 600, "text": middle, "dy": -12}
    small = {"type": "text", "fontSize": 12, "text": words, "dy": 16, "style": "caption"}
    layers += [{"data": {"values": [{}]}, "mark": mark} for mark in (big, small)]
    return {"width": 300, "height": 220, "layer": layers}


def _arc(span: Span, inner: float, outer: float, look: Spec) -> Spec:
    start, end = (-pi / 2 + share * pi for share in (span.start, span.end))
    mark = {"type": "arc", "innerRadius": inner, "outerRadius": outer, "theta": start, "theta2": end, **look}
    return {"data": {"values": [{}]}, "mark": mark}


def parts_chart(parts: Sequence[tuple[str, float]]) -> Spec:
    """Return the spec of one bar: (words, share) of each part in order, the words below."""
    at, rows = 0.0, []
    for words, share in parts:
        rows.append({"words": words, "from": at, "to": at + share, "middle": at + share / 2})
        at += share
    x = {"field": "from", "type": "quantitative", "scale": {"domain": [0, 1]}, "axis": None}
    colour = {"field": "words", "type": "nominal", "scale": {"domain": [words for words, _ in parts]}}
    below = {"orient": "bottom", "title": None, "labelLimit": 300}
    bar = {
        "mark": {"type": "bar", "size": 28},
        "encoding": {"x": x, "x2": {"field": "to"}, "color": {**colour, "legend": below}},
    }
    return {"width": "container", "height": 60, "data": {"values": rows}, "layer": [bar]}


def states_chart(cells: Sequence[tuple[str, str, str, str]]) -> Spec:
    """Return the spec of (column, row, status, words) cells, in the order they come."""
    rows = [{"x": x, "y": y, "status": status, "words": words} for x, y, status, words in cells]
    columns, names = list(dict.fromkeys(row["x"] for row in rows)), list(dict.fromkeys(row["y"] for row in rows))
    axis = {"title": None, "domain": False, "ticks": False, "offset": 0, "labelLimit": 190}
    side = {**axis, "labelAlign": "right", "labelBaseline": "middle", "labelOffset": 0, "labelPadding": 8}
    encoding = {
        "x": {"field": "x", "type": "nominal", "sort": columns, "axis": {**axis, "orient": "top"}},
        "y": {"field": "y", "type": "nominal", "sort": names, "axis": side},
    }
    shades = [
        {
            "transform": [{"filter": f"datum.status == '{status}'"}],
            "mark": {"type": "rect", "strokeWidth": 2, "style": style, "fillOpacity": 0.16},
        }
        for status, style in STYLES.items()
        if any(row["status"] == status for row in rows)
    ]
    text = {
        "mark": {"type": "text", "fontSize": 11, "lineBreak": "\n", "dy": -6},
        "encoding": {"text": {"field": "words"}},
    }
    return {
        "width": "container",
        "height": max(1, len(names)) * _ROW,
        "data": {"values": rows},
        "encoding": encoding,
        "layer": [*shades, text],
    }
