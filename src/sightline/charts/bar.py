"""Bars from zero: upright over time or members, lying for ranked members, stacked or side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sightline.charts.series import Axis, Line, Reference, Spec, domain

HEIGHT, NARROW_HEIGHT = 260, 220
_ROW = 26


def bar_chart(
    lines: Sequence[Line],
    *,
    axis: Axis,
    horizontal: bool = False,
    stacked: bool = False,
    references: Sequence[Reference] = (),
    narrow: bool = False,
) -> Spec:
    """Return the spec; categories keep the order they come in. An unfinished bucket's bar is pale."""
    rows = [
        {"series": line.label, "at": point.at, "value": point.value, "words": point.words, "partial": point.partial}
        for line in lines
        for point in line.points
        if point.value is not None
    ]
    order = list(dict.fromkeys(point.at for line in lines for point in line.points))
    bounds = domain([*_tops(rows, stacked), *(reference.value for reference in references)])
    if horizontal and bounds[0] < 0:
        bounds = (bounds[0] - 0.15 * (bounds[1] - bounds[0]), bounds[1])  # room for the words left of the bar
    if horizontal and not stacked:
        bounds = (bounds[0], bounds[1] + _room(rows, narrow) * (bounds[1] - bounds[0]))
    encoding = _encoding(lines, order, bounds, axis, horizontal=horizontal, stacked=stacked, narrow=narrow)
    bars: Spec = {"mark": {"type": "bar"}, "encoding": encoding}
    layers = [bars]
    if horizontal and not stacked:
        layers += [_values(encoding, negative=False), _values(encoding, negative=True)]
    layers += [_reference(reference, horizontal) for reference in references]
    height = (
        len(order) * _ROW * (1 if stacked else max(1, len(lines) * 0.7))
        if horizontal
        else NARROW_HEIGHT
        if narrow
        else HEIGHT
    )
    return {
        "width": "container",
        "height": round(height),
        "datasets": {"bars": rows},
        "data": {"name": "bars"},
        "layer": layers,
    }


def _room(rows: Sequence[dict[str, Any]], narrow: bool) -> float:
    """Return what the words right of the longest bar need, as a share of the scale."""
    longest = max((len(row["words"]) for row in rows), default=0)
    return min(0.4, (7.0 * longest + 8) / (230 if narrow else 430))


def _encoding(
    lines: Sequence[Line],
    order: Sequence[str],
    bounds: tuple[float, float],
    axis: Axis,
    *,
    horizontal: bool,
    stacked: bool,
    narrow: bool,
) -> Spec:
    value: Spec = {
        "field": "value",
        "type": "quantitative",
        "stack": "zero" if stacked else None,
        "scale": {"domain": list(bounds), "nice": False},
        "axis": {"labelExpr": axis.label(bounds[1]), "tickCount": 3 if narrow else 4, "title": None},
    }
    category = {"field": "at", "type": "nominal", "sort": list(order), "axis": _category_axis(horizontal, narrow)}
    tips = (("at", ""), ("series", "Series"), ("words", "Value"))
    encoding: Spec = {
        ("y" if horizontal else "x"): category,
        ("x" if horizontal else "y"): {**value, "axis": None} if horizontal else value,
        "opacity": {"condition": {"test": "datum.partial", "value": 0.45}, "value": 1},
        "tooltip": [{"field": name, "title": title} for name, title in tips],
    }
    if len(lines) > 1:
        names = [line.label for line in lines]
        encoding["color"] = {"field": "series", "type": "nominal", "scale": {"domain": names}, "legend": None}
        if not stacked:
            encoding["yOffset" if horizontal else "xOffset"] = {"field": "series", "sort": names}
    return encoding


def _tops(rows: Sequence[dict[str, Any]], stacked: bool) -> list[float]:
    if not stacked:
        return [row["value"] for row in rows]
    sums: dict[str, float] = {}
    for row in rows:
        sums[row["at"]] = sums.get(row["at"], 0.0) + max(0.0, row["value"])
    return [*sums.values(), *(row["value"] for row in rows if row["value"] < 0)]


def _category_axis(horizontal: bool, narrow: bool) -> Spec:
    if not horizontal:
        return {"labelOverlap": "greedy", "title": None, "labelLimit": 110}
    return {
        "title": None,
        "domain": False,
        "ticks": False,
        "offset": 0,
        "labelAlign": "right",
        "labelBaseline": "middle",
        "labelOffset": 0,
        "labelPadding": 8,
        "labelLimit": 110 if narrow else 190,
    }


def _values(encoding: Spec, *, negative: bool) -> Spec:
    kept = {key: part for key, part in encoding.items() if key in ("x", "y", "yOffset")}
    beside = {"align": "right", "dx": -6} if negative else {"align": "left", "dx": 6}
    return {
        "transform": [{"filter": f"datum.value {'<' if negative else '>='} 0"}],
        "mark": {"type": "text", "baseline": "middle", **beside},
        "encoding": {**kept, "text": {"field": "words"}},
    }


def _reference(reference: Reference, horizontal: bool) -> Spec:
    across = "x" if horizontal else "y"
    datum = {across: {"datum": reference.value, "type": "quantitative"}}
    label = {"x": {"value": 0}, **datum} if not horizontal else {**datum, "y": {"value": 0}}
    text = {
        "type": "text",
        "style": "target-label",
        "align": "left",
        "baseline": "bottom",
        "dx": 40 if not horizontal else 4,
        "dy": -3,
    }
    return {
        "data": {"values": [{"name": reference.label}]},
        "layer": [
            {"mark": {"type": "rule", "style": "target"}, "encoding": datum},
            {"mark": {**text, "fontSize": 11}, "encoding": {**label, "text": {"field": "name"}}},
        ],
    }
