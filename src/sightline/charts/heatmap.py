"""A heatmap for files. Pages draw it as a real table."""

from __future__ import annotations

from collections.abc import Sequence

from sightline.charts.series import Spec
from sightline.charts.theme import Mode, canvas, themes

_ROW = 30


def heatmap_chart(cells: Sequence[tuple[str, str, float | None, str]], *, mode: Mode, narrow: bool = False) -> Spec:
    """Return the spec of (column, row, value, words) cells, in the order they come, each with its value printed."""
    rows = [{"x": x, "y": y, "value": value, "words": words} for x, y, value, words in cells]
    columns, names = list(dict.fromkeys(row["x"] for row in rows)), list(dict.fromkeys(row["y"] for row in rows))
    known = sorted(value for _, _, value, _ in cells if value is not None)
    # Text turns light on the two darkest of seven steps, as in the tables of the pages.
    turn = known[0] + (known[-1] - known[0]) * 5 / 7 if known else 0
    axis = {"title": None, "domain": False, "ticks": False, "offset": 0, "labelLimit": 90 if narrow else 190}
    side = {**axis, "labelAlign": "right", "labelBaseline": "middle", "labelOffset": 0, "labelPadding": 8}
    encoding = {
        "x": {"field": "x", "type": "nominal", "sort": columns, "axis": {**axis, "orient": "top"}},
        "y": {"field": "y", "type": "nominal", "sort": names, "axis": side},
    }
    rectangle = {
        "mark": {"type": "rect", "strokeWidth": 2},
        "encoding": {
            "color": {"field": "value", "type": "quantitative", "scale": {"type": "quantize"}, "legend": None}
        },
    }
    text = {
        "mark": {"type": "text", "fontSize": 11},
        "encoding": {
            "text": {"field": "words"},
            "color": {
                "condition": {"test": f"isValid(datum.value) && datum.value >= {turn!r}", "value": canvas(mode)},
                "value": themes()[mode]["text"]["color"],
            },
        },
    }
    return {
        "width": "container",
        "height": len(names) * _ROW,
        "data": {"values": rows},
        "encoding": encoding,
        "layer": [rectangle, text],
    }
