"""Lines over time: direct labels at their ends, the last segment dashed while its period is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sightline.charts.events import COLUMNS, event_layers
from sightline.charts.fan import fan_behind, fan_in_front
from sightline.charts.series import Axis, Event, Fan, Line, Reference, Spec, apart, domain, near_domain

HEIGHT, NARROW_HEIGHT = 260, 200
_GAP = 15  # pixels between two end labels
_UTC = {"type": "utc"}
_KINDS = ("w", "h", "t")  # whole, head and tail: the last two are dashed
POINTS = "points"


def line_chart(
    lines: Sequence[Line],
    *,
    axis: Axis,
    references: Sequence[Reference] = (),
    events: Sequence[Event] = (),
    fan: Fan | None = None,
    narrow: bool = False,
    columns: int = COLUMNS,
) -> Spec:
    """Return the spec. Times are the workspace's wall clock written as UTC, so that no browser shifts a day."""
    height = NARROW_HEIGHT if narrow else HEIGHT
    actual = [line for line in lines if line.style == "actual"]
    bounds = bounds_of(lines, axis=axis, references=references, fan=fan)
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": list(bounds), "nice": False},
        "axis": {"labelExpr": axis.label(bounds[1]), "tickCount": 3 if narrow else 4, "title": None, "grid": True},
    }
    x = {
        "field": "at",
        "type": "temporal",
        "scale": _UTC,
        "axis": _time_axis(_moments(lines, fan), narrow),
        "title": None,
    }
    colour = {
        "field": "series",
        "type": "nominal",
        "scale": {"domain": [line.label for line in actual]},
        "legend": None,
    }
    rows = [row for line in lines for row in _rows(line)]
    # Only strokes that have points: an empty layer makes the library warn about endless extents.
    used = {(kind, "c" in row["strokes"]) for row in rows for kind in _KINDS if kind in row["strokes"]}
    layers = [_strokes(kind, None) for kind in _KINDS if (kind, True) in used]
    layers += [_strokes(kind, colour) for kind in _KINDS if (kind, False) in used]
    layers += [*_ends(actual, colour, bounds, height, narrow, worded=fan is None), _hover()]
    place = {"x": x, "y": y}
    return {
        "width": "container",
        "height": height,
        "datasets": {POINTS: rows},
        "layer": [
            *(fan_behind(fan, place) if fan else []),
            *_events(_moments(lines, fan), events, narrow, columns),
            *(_reference(reference) for reference in references),
            *([_broken(bounds[0], height)] if bounds[0] > 0 else []),
            *(fan_in_front(fan, place, bounds=bounds, height=height, narrow=narrow) if fan else []),
            {"data": {"name": POINTS}, "encoding": place, "layer": layers},
        ],
    }


def bounds_of(
    lines: Sequence[Line], *, axis: Axis, references: Sequence[Reference] = (), fan: Fan | None = None
) -> tuple[float, float]:
    """Return the ends of the value axis. One of shares begins near them where they all stay far from zero."""
    values = [point.value for line in lines for point in line.points if point.value is not None]
    values += fan.values if fan else ()
    values += [reference.value for reference in references]
    near = near_domain(values) if axis.percent else None
    return near or domain(values)


def broken_words(base: float) -> str:
    """Return what is said of an axis of shares that does not begin at zero."""
    return f"Axis starts at {f'{base * 100:.6f}'.rstrip('0').rstrip('.')}%"


def _broken(base: float, height: int) -> Spec:
    """Return the mark of an axis that does not begin at zero: two strokes across its foot, and words."""
    words = {"values": [{"name": f"// {broken_words(base)}"}]}
    mark = {"type": "text", "style": "target-label", "align": "left", "baseline": "bottom", "dx": 6, "dy": -3}
    place = {"x": {"value": 0}, "y": {"value": height}, "text": {"field": "name"}}
    return {"data": words, "mark": {**mark, "fontSize": 11}, "encoding": place}


def _moments(lines: Sequence[Line], fan: Fan | None) -> list[str]:
    """Return the first and last place of the time axis, none without points."""
    places = {point.at for line in lines for point in line.points}
    places |= {fan.start.at, *(step.at for step in fan.steps)} if fan else set()
    return [min(places), max(places)] if places else []


def _events(moments: Sequence[str], events: Sequence[Event], narrow: bool, columns: int) -> list[Spec]:
    if not moments:
        return []
    return event_layers(events, since=moments[0], until=moments[-1], narrow=narrow, columns=columns)


def _time_axis(moments: Sequence[str], narrow: bool) -> Spec:
    first_and_last = [datetime.fromisoformat(at) for at in moments]
    days = (first_and_last[-1] - first_and_last[0]).days if moments else 0
    if days <= 3:
        return {"format": "%H:%M", "tickCount": 4 if narrow else 8}
    if days <= 62:
        return {"format": "%-d %b", "tickCount": 3 if narrow else 6}
    first = "utcmonth(datum.value) == 0 ? utcFormat(datum.value, '%Y') : utcFormat(datum.value, '%b')"
    if days <= 800:
        step = 3 if days > 400 or narrow else 1
        return {"labelExpr": first, "tickCount": {"interval": "month", "step": step}}
    return {"format": "%Y", "tickCount": "year"}


def _wall(at: str) -> str:
    return f"{at}Z" if "T" in at else f"{at}T00:00:00Z"


def _rows(line: Line) -> list[dict[str, Any]]:
    """Return a row per point. `whole`, `head` and `tail` say which strokes it belongs to: an end belongs to two."""
    rows: list[dict[str, Any]] = [
        {"series": line.label, "at": _wall(point.at), "value": point.value, "words": point.words}
        for point in line.points
    ]
    firm = [index for index, point in enumerate(line.points) if not point.partial]
    first, last = (firm[0], firm[-1]) if firm else (0, 0)
    for index, row in enumerate(rows):
        row["strokes"] = "".join(
            letter
            for letter, belongs in (
                ("w", bool(firm) and first <= index <= last),
                ("h", bool(firm) and 0 < first >= index),
                ("t", index >= last and last < len(rows) - 1),
                ("c", line.style == "comparison"),
            )
            if belongs
        )
    return rows


def _strokes(kind: str, colour: Spec | None) -> Spec:
    """Return one kind of stroke of all lines, or of the comparison. A gap in the data stays a gap."""
    dash = {} if kind == "w" else {"strokeDash": [5, 4]}
    style = {"style": "comparison"} if colour is None else {}
    compared = f"indexof(datum.strokes, 'c') {'>=' if colour is None else '<'} 0"
    series: Spec = {"color": colour} if colour else {"detail": {"field": "series"}}
    return {
        "transform": [{"filter": f"indexof(datum.strokes, '{kind}') >= 0 && {compared}"}],
        "mark": {"type": "line", "invalid": "break-paths-show-domains", **style, **dash},
        "encoding": series,
    }


def _ends(
    lines: Sequence[Line], colour: Spec, bounds: tuple[float, float], height: int, narrow: bool, *, worded: bool
) -> list[Spec]:
    """Return the last point of each line, `worded` with its words, and its name when there are several."""
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
    beside = {"y": {"field": "place", "type": "quantitative"}, "text": {"field": "end"}, "color": colour}
    dots = {"data": values, "mark": {"type": "point", "filled": True, "size": 36}, "encoding": {"color": colour}}
    return [dots, {"data": values, "mark": text, "encoding": beside}] if worded else [dots]


def _end_words(words: str, name: str, narrow: bool) -> str:
    if not name:
        return words
    return _short(name, 14) if narrow else f"{words} {_short(name, 26)}"


def _short(name: str, limit: int) -> str:
    if len(name) > limit:
        name = name.rsplit(" (", 1)[0]  # the legend below has the whole of it
    return name if len(name) <= limit else f"{name[: limit - 1].rstrip()}…"


def _hover() -> Spec:
    tips = [{"field": "series", "title": "Series"}, {"field": "words", "title": "Value"}]
    when = {"field": "at", "type": "temporal", "timeUnit": "utcyearmonthdate", "title": "From", "format": "%-d %b %Y"}
    return {
        "transform": [{"filter": "isValid(datum.value)"}],
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
