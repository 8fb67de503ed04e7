"""The look of every chart, light and dark. Specs name styles and scales; colours come only from here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Mode = Literal["light", "dark"]
Spec = dict[str, Any]


@cache
def themes() -> Mapping[Mode, Spec]:
    """Return the Vega-Lite config of both modes."""
    loaded: dict[Mode, Spec] = json.loads(files("sightline.charts").joinpath("theme.json").read_text(encoding="utf-8"))
    return loaded


def themed(spec: Mapping[str, Any], mode: Mode) -> Spec:
    """Return the spec with the theme of this mode merged in; what the spec's own config says wins."""
    return {**spec, "config": {**themes()[mode], **spec.get("config", {})}}


def canvas(mode: Mode) -> str:
    """Return the colour of the page, for files that need a background."""
    return str(themes()[mode]["rect"]["stroke"])
