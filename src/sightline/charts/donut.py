"""Shares of a whole as a ring or a disc. The words stand beside it; the ring only shows the proportions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sightline.charts.series import Spec

HEIGHT, NARROW_HEIGHT = 220, 200


@dataclass(frozen=True)
class Slice:
    """One part of the whole. The rest is drawn in the colour of context."""

    label: str
    value: float
    words: str
    is_rest: bool = False


def donut_chart(slices: Sequence[Slice], *, middle: str, narrow: bool = False, for_file: bool = False) -> Spec:
    """Return the spec; slices run clockwise in their order, `middle` stands inside: without one it is a pie.

    A file has no page to name them.
    """
    height = NARROW_HEIGHT if narrow else HEIGHT
    rows = [
        {
            "label": part.label,
            "value": part.value,
            "words": part.words,
            "n": number,
            "rest": part.is_rest,
            "said": f"{part.label}, {part.words}",
        }
        for number, part in enumerate(slices)
    ]
    outer = height / 2 - 8
    ring = {"type": "arc", "innerRadius": outer * 0.62 if middle else 0, "outerRadius": outer, "padAngle": 0.012}
    named = [part.label for part in slices if not part.is_rest]
    # A stack of all slices; the two layers each show their part of it.
    encoding: Spec = {
        "theta": {"field": "from", "type": "quantitative", "scale": {"domain": [0, 1]}},
        "theta2": {"field": "to"},
        "tooltip": [{"field": "label", "title": ""}, {"field": "words", "title": "Value"}],
    }
    total = sum(part.value for part in slices) or 1.0
    at = 0.0
    for row in rows:
        row["from"], at = at, at + float(row["value"]) / total  # type: ignore[arg-type] # values are numbers
        row["to"] = at
    colour: Spec = {"field": "label", "type": "nominal", "scale": {"domain": named}, "legend": None}
    if for_file:
        colour |= {"field": "said", "scale": {"domain": [row["said"] for row in rows if not row["rest"]]}}
        colour["legend"] = {"orient": "right", "title": None, "labelLimit": 320}
    layers: list[Spec] = [
        {"transform": [{"filter": "!datum.rest"}], "mark": ring, "encoding": {**encoding, "color": colour}}
    ]
    if any(part.is_rest for part in slices):
        layers.append(
            {"transform": [{"filter": "datum.rest"}], "mark": {**ring, "style": "comparison"}, "encoding": encoding}
        )
    if middle:
        layers.append(_inside(middle))
    return {
        "width": "container",
        "height": height,
        "datasets": {"slices": rows},
        "data": {"name": "slices"},
        "layer": layers,
    }


def _inside(middle: str) -> Spec:
    text = {"type": "text", "fontSize": 20, "fontWeight": 600, "text": middle, "baseline": "middle", "align": "center"}
    return {"data": {"values": [{}]}, "mark": text}
