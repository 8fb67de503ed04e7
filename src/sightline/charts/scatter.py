"""A quadrant scatter: dots with names, dashed reference lines, and a caption in each corner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sightline.charts.labels import Side, Spot, place
from sightline.charts.series import Axis, Dot, Reference, Spec, domain

HEIGHT, NARROW_HEIGHT = 420, 380
_EDGE = 22  # pixels above and below the scale, so that the captions stand clear of the dots at zero
_WIDTH, _NARROW_WIDTH = 640, 265  # pixels the names are placed for; the real width differs a little
SHAPES = ("circle", "diamond", "square", "triangle-up", "cross", "triangle-down", "triangle-right", "stroke")
_TEXT: dict[Side, dict[str, Any]] = {
    "right": {"align": "left", "baseline": "middle", "dx": 11, "dy": 0},
    "left": {"align": "right", "baseline": "middle", "dx": -11, "dy": 0},
    "above": {"align": "center", "baseline": "bottom", "dx": 0, "dy": -9},
    "below": {"align": "center", "baseline": "top", "dx": 0, "dy": 10},
}


def scatter_chart(
    dots: Sequence[Dot],
    *,
    x_axis: Axis,
    y_axis: Axis,
    x_reference: Reference | None = None,
    y_reference: Reference | None = None,
    captions: Sequence[str] = (),
    groups: Sequence[str] = (),
    narrow: bool = False,
) -> Spec:
    """Return the spec. Captions are top left, top right, bottom left, bottom right; groups set colour and shape."""
    height, width = (NARROW_HEIGHT, _NARROW_WIDTH) if narrow else (HEIGHT, _WIDTH)
    x_domain = domain([*(dot.x for dot in dots), *([x_reference.value] if x_reference else [])])
    y_domain = domain([*(dot.y for dot in dots), *([y_reference.value] if y_reference else [])])
    sides = _sides(dots, x_domain, y_domain, width, height, y_reference)
    rows = [
        {
            "name": dot.label,
            "x": dot.x,
            "y": dot.y,
            "words": dot.words,
            "group": dot.group,
            "size": dot.size,
            "side": sides.get(index, ""),
        }
        for index, dot in enumerate(dots)
    ]
    encoding: Spec = {
        "x": {
            "field": "x",
            "type": "quantitative",
            "scale": {"domain": list(x_domain), "nice": False},
            "axis": _axis(x_axis, x_domain[1], narrow, grid=False),
        },
        "y": {
            "field": "y",
            "type": "quantitative",
            "scale": {"domain": list(y_domain), "nice": False, "range": [height - _EDGE, _EDGE]},
            "axis": _axis(y_axis, y_domain[1], narrow, grid=True),
        },
    }
    layers: list[Spec] = [_rule("x", x_reference)] if x_reference else []
    layers += [_rule("y", y_reference)] if y_reference else []
    layers += _captions(captions, narrow=narrow)
    marks = [_dots(dots, groups), *(_names(side) for side in _TEXT if any(row["side"] == side for row in rows))]
    layers.append({"data": {"values": rows}, "encoding": encoding, "layer": marks})
    return {"width": "container", "height": height, "layer": layers}


def _axis(axis: Axis, top: float, narrow: bool, *, grid: bool) -> Spec:
    return {"labelExpr": axis.label(top), "tickCount": 3 if narrow else 4, "title": None, "grid": grid}


def _sides(
    dots: Sequence[Dot],
    x: tuple[float, float],
    y: tuple[float, float],
    width: float,
    height: float,
    y_reference: Reference | None,
) -> dict[int, Side]:
    scale = height - 2 * _EDGE
    spots = [
        Spot((dot.x - x[0]) / (x[1] - x[0]) * width, _EDGE + (y[1] - dot.y) / (y[1] - y[0]) * scale, dot.label)
        for dot in dots
    ]
    corners = [(0.0, 0.0, width, 16.0), (0.0, height - 12.0, width, float(height))]
    if y_reference is not None:  # its words stand on the line's right end
        line = _EDGE + (y[1] - y_reference.value) / (y[1] - y[0]) * scale
        corners.append((width - 6.2 * len(y_reference.label) - 8, line - 18, width, line))
    return place(spots, width=width, height=height, taken=corners)


def _dots(dots: Sequence[Dot], groups: Sequence[str]) -> Spec:
    encoding: Spec = {"tooltip": [{"field": "name", "title": ""}, {"field": "words", "title": ""}]}
    if groups:
        shapes = [SHAPES[index % len(SHAPES)] for index in range(len(groups))]
        field = {"field": "group", "type": "nominal", "legend": None}
        encoding["color"] = {**field, "scale": {"domain": list(groups)}}
        encoding["shape"] = {**field, "scale": {"domain": list(groups), "range": shapes}}
    if any(dot.size is not None for dot in dots):
        encoding["size"] = {"field": "size", "type": "quantitative", "legend": None, "scale": {"range": [40, 260]}}
    return {"mark": {"type": "point", "filled": True, "size": 70, "opacity": 0.9}, "encoding": encoding}


def _names(side: Side) -> Spec:
    return {
        "transform": [{"filter": {"field": "side", "equal": side}}],
        "mark": {"type": "text", "fontSize": 11.5, "fontWeight": 400, **_TEXT[side]},
        "encoding": {"text": {"field": "name"}},
    }


def _rule(channel: str, reference: Reference) -> Spec:
    own = {channel: {"datum": reference.value, "type": "quantitative"}}
    other = "y" if channel == "x" else "x"
    text = (
        {"align": "left", "baseline": "top", "dx": 5, "dy": _EDGE + 4}
        if channel == "x"
        else {"align": "right", "baseline": "bottom", "dx": -4, "dy": -4}
    )
    end: Spec = {"value": 0} if channel == "x" else {"value": "width"}
    return {
        "data": {"values": [{"name": reference.label}]},
        "layer": [
            {"mark": {"type": "rule", "style": "target"}, "encoding": own},
            {
                "mark": {"type": "text", "style": "target-label", "fontSize": 11, "fontWeight": 400, **text},
                "encoding": {**own, other: end, "text": {"field": "name"}},
            },
        ],
    }


def _captions(captions: Sequence[str], *, narrow: bool) -> list[Spec]:
    corners = (
        ("left", "top", 0, 0),
        ("right", "top", "width", 0),
        ("left", "bottom", 0, "height"),
        ("right", "bottom", "width", "height"),
    )
    found = []
    for text, (align, baseline, x, y) in zip(captions, corners, strict=False):
        mark = {
            "type": "text",
            "style": "caption",
            "fontSize": 11,
            "fontWeight": 400,
            "align": align,
            "baseline": baseline,
            "dy": -4 if baseline == "bottom" else 0,
        }
        found.append(
            {
                "data": {"values": [{"caption": _action(text) if narrow else text}]},
                "mark": mark,
                "encoding": {"x": {"value": x}, "y": {"value": y}, "text": {"field": "caption"}},
            }
        )
    return found


def _action(caption: str) -> str:
    """Return what stands after the colon: "Low volume, high conversion: grow" is "Grow" where room is short."""
    last = caption.rsplit(":", 1)[-1].strip()
    return last[:1].upper() + last[1:]
