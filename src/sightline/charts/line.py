"""Lines over time: direct labels at their ends, the last segment dashed while its period is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sightline.charts.series import Axis, Line, Reference, Spec, apart, domain

HEIGHT, NARROW_HEIGHT = 260, 200
_GAP = 15  # pixels between two end labels
_UTC = {"type": "utc"}


def line_chart(
    lines: Sequence[Line], *, axis: Axis, references: Sequence[Reference] = (), narrow: bool = False
) -> Spec:
    """Return the spec. Times are the workspace's wall clock written as UTC, so that no browser shifts a day."""
    height = NARROW_HEIGHT if narrow else HEIGHT
    actual = [line for line in lines if line.style == "actual"]
    values = [point.value for line in lines for point in line.points if point.value is not None]
    bounds = domain([*values, *(reference.value for reference in references)])
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": list(bounds), "nice": False},
        "axis": {"labelExpr": axis.label(bounds[1]), "tickCount": 3 if narrow else 4, "title": None, "grid": True},
    }
    x = {"field": "at", "type": "temporal", "scale": _UTC, "axis": _time_axis(lines, narrow), "title": None}
    colour = {
        "field": "series",
        "type": "nominal",
        "scale": {"domain": [line.label for line in actual]},
        "legend": None,
    }
    layers: list[Spec] = []
    layers += [_strokes(line, None) for line in lines if line.style == "comparison"]
    layers += [_strokes(line, colour) for line in actual]
    layers += [_ends(actual, colour, bounds, height, narrow)]
    layers += [_hover(lines)]
    return {
        "width": "container",
        "height": height,
        "layer": [
            *(_reference(reference) for reference in references),
            {"encoding": {"x": x, "y": y}, "layer": [layer for layer in layers if layer]},
        ],
        "resolve": {"scale": {"color": "shared"}},
    }


def _time_axis(lines: Sequence[Line], narrow: bool) -> Spec:
    moments = sorted(datetime.fromisoformat(point.at) for line in lines for point in line.points)
    days = (moments[-1] - moments[0]).days if moments else 0
    if days <= 3:
        return {"format": "%H:%M", "tickCount": 4 if narrow else 8}
    if days <= 62:
        return {"format": "%-d %b", "tickCount": 3 if narrow else 6}
    first = "utcmonth(datum.value) == 0 ? utcFormat(datum.value, '%b %Y') : utcFormat(datum.value, '%b')"
    if days <= 800:
        step = 3 if days > 400 or narrow else 1
        return {"labelExpr": first, "tickCount": {"interval": "month", "step": step}}
    return {"format": "%Y", "tickCount": "year"}


def _wall(at: str) -> str:
    return f"{at}Z" if "T" in at else f"{at}T00:00:00Z"


def _rows(line: Line) -> list[dict[str, Any]]:
    return [
        {
            "series": line.label,
            "at": _wall(point.at),
            "value": point.value,
            "words": point.words,
            "partial": point.partial,
        }
        for point in line.points
    ]


def _strokes(line: Line, colour: Spec | None) -> Spec:
    """Return whole and partial segments of one line as two strokes. A gap in the data stays a gap."""
    rows = _rows(line)
    whole, dashed = _segments(rows)
    encoding = {"color": colour} if colour else {}
    style = {"style": "comparison"} if colour is None else {}
    base: Spec = {"type": "line", "invalid": "break-paths-show-domains", **style}
    solid = {"data": {"values": whole}, "mark": base, "encoding": encoding}
    parts = [
        {"data": {"values": piece}, "mark": {**base, "strokeDash": [5, 4]}, "encoding": encoding} for piece in dashed
    ]
    return {"layer": [solid, *parts]} if whole else {"layer": parts} if parts else {}


def _segments(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]:
    first = next((index for index, row in enumerate(rows) if not row["partial"]), len(rows))
    last = next((index for index in range(len(rows) - 1, -1, -1) if not rows[index]["partial"]), -1)
    if last < 0:
        return [], [rows] if len(rows) > 1 else []
    whole = rows[first : last + 1]
    pieces = [rows[: first + 1] if first else [], rows[last:] if last < len(rows) - 1 else []]
    return whole, [piece for piece in pieces if len(piece) > 1]


def _ends(lines: Sequence[Line], colour: Spec, bounds: tuple[float, float], height: int, narrow: bool) -> Spec:
    """Return the last point of each line with its words, and its name when there are several."""
    last: dict[str, dict[str, Any]] = {}
    for line in lines:
        last.update({row["series"]: row for row in _rows(line) if row["value"] is not None})
    span = bounds[1] - bounds[0]
    tops = {name: (bounds[1] - row["value"]) / span * height for name, row in last.items()}
    placed = apart(tops, _GAP)
    several = len(lines) > 1
    for name, row in last.items():
        row["place"] = bounds[1] - placed[name] / height * span
        row["end"] = _end_words(row["words"], name if several else "", narrow)
    values = {"values": list(last.values())}
    text = {"type": "text", "align": "left", "dx": 8, "baseline": "middle"}
    return {
        "layer": [
            {"data": values, "mark": {"type": "point", "filled": True, "size": 36}, "encoding": {"color": colour}},
            {
                "data": values,
                "mark": text,
                "encoding": {
                    "y": {"field": "place", "type": "quantitative"},
                    "text": {"field": "end"},
                    "color": colour,
                },
            },
        ]
    }


def _end_words(words: str, name: str, narrow: bool) -> str:
    if not name:
        return words
    return _short(name, 14) if narrow else f"{words} {_short(name, 26)}"


def _short(name: str, limit: int) -> str:
    return name if len(name) <= limit else f"{name[: limit - 1].rstrip()}…"


def _hover(lines: Sequence[Line]) -> Spec:
    rows = [row for line in lines for row in _rows(line) if row["value"] is not None]
    tips = [{"field": "series", "title": "Series"}, {"field": "words", "title": "Value"}]
    when = {"field": "at", "type": "temporal", "timeUnit": "utcyearmonthdate", "title": "From", "format": "%-d %b %Y"}
    return {
        "data": {"values": rows},
        "mark": {"type": "point", "filled": True, "size": 120, "opacity": 0},
        "encoding": {"tooltip": [*tips, when]},
    }


def _reference(reference: Reference) -> Spec:
    datum = {"y": {"datum": reference.value, "type": "quantitative"}}
    return {
        "layer": [
            {"data": {"values": [{}]}, "mark": {"type": "rule", "style": "target"}, "encoding": datum},
            {
                "data": {"values": [{"name": reference.label}]},
                "mark": {
                    "type": "text",
                    "style": "target-label",
                    "align": "left",
                    "baseline": "bottom",
                    "dx": 40,
                    "dy": -3,
                    "fontSize": 11,
                },
                "encoding": {"x": {"value": 0}, **datum, "text": {"field": "name"}},
            },
        ]
    }
