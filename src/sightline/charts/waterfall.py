"""Drivers: where a level began, what moved it, where it ended. Lying bars, each with its signed words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from sightline.charts.series import Spec, domain

_ROW = 34


@dataclass(frozen=True)
class Step:
    """One bar from `start` to `end`. Levels are grey; movements are good or bad for the business, or neither."""

    label: str
    start: float
    end: float
    words: str
    tone: Literal["level", "good", "bad", "none"]


def waterfall_chart(steps: Sequence[Step], *, narrow: bool = False) -> Spec:
    """Return the spec; the steps stay in their order, top to bottom."""
    rows = [
        {"label": step.label, "start": step.start, "end": step.end, "words": step.words, "tone": step.tone, "n": number}
        for number, step in enumerate(steps)
    ]
    low, high = domain([value for step in steps for value in (step.start, step.end)])
    room = (0.34 if narrow else 0.16) * (high - low)
    order = [step.label for step in steps]
    side = {"title": None, "domain": False, "ticks": False, "offset": 0, "labelAlign": "right"}
    side |= {"labelBaseline": "middle", "labelOffset": 0, "labelPadding": 8, "labelLimit": 110 if narrow else 190}
    scale = {"domain": [low - (room if low < 0 else 0), high + room], "nice": False}
    y = {"field": "label", "type": "nominal", "sort": order, "axis": side}
    span = {
        "x": {"field": "start", "type": "quantitative", "scale": scale, "axis": None},
        "x2": {"field": "end"},
        "tooltip": [{"field": "label", "title": ""}, {"field": "words", "title": "Amount"}],
    }
    layers = [_bars(tone, span) for tone in ("level", "good", "bad", "none") if any(s.tone == tone for s in steps)]
    links = [{"level": step.end, "label": step.label, "next": following.label} for step, following in pairwise(steps)]
    joints: Spec = {
        "data": {"values": links},
        "mark": {"type": "rule", "style": "target"},
        "encoding": {
            "x": {"field": "level", "type": "quantitative"},
            "y": {"field": "label", "type": "nominal", "sort": order, "bandPosition": 0.5},
            "y2": {"field": "next", "bandPosition": 0.5},
        },
    }
    return {
        "width": "container",
        "height": len(steps) * _ROW,
        "datasets": {"steps": rows},
        "data": {"name": "steps"},
        "encoding": {"y": y},
        "layer": [joints, *layers, _words()],
    }


def _bars(tone: str, span: Spec) -> Spec:
    style = {"level": "comparison", "none": ""}.get(tone, tone)
    mark = {"type": "bar", **({"style": style} if style else {})}
    return {"transform": [{"filter": f"datum.tone == '{tone}'"}], "mark": mark, "encoding": span}


def _words() -> Spec:
    return {
        "transform": [{"calculate": "max(datum.start, datum.end)", "as": "edge"}],
        "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 6, "fontWeight": 500},
        "encoding": {"x": {"field": "edge", "type": "quantitative"}, "text": {"field": "words"}},
    }
