"""One measured value, and what is known of the family of metrics it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

MetricType = Literal[
    "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset", "unknown"
]  # the types of OpenMetrics 1.0, § Metric Types
TYPES: tuple[MetricType, ...] = get_args(MetricType)

SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "counter": ("_total", "_created"),
    "summary": ("_count", "_sum", "_created"),
    "histogram": ("_bucket", "_count", "_sum", "_created"),
    "gaugehistogram": ("_bucket", "_gcount", "_gsum"),
    "info": ("_info",),
}
"""What the samples of a family append to its name (OpenMetrics 1.0, § Suffixes)."""

GROWING = {"histogram": ("_bucket", "_count", "_sum"), "summary": ("_count", "_sum")}
"""The samples of a family that only grow until they are reset. All of a counter's do, except `_created`."""


@dataclass(frozen=True, slots=True)
class Family:
    """What a family of metrics says of itself."""

    type: MetricType = "unknown"
    unit: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A value of a series. `at` and `created` are seconds since 1970: when it was measured (None: when it was read),
    and when its counter began at 0 (None: not told)."""

    name: str
    labels: Mapping[str, str]
    value: float
    at: float | None = None
    family: Family = field(default=Family())
    created: float | None = None


def known_type(text: object) -> MetricType:
    """Return the type a word names; `unknown` for every other word, such as the `untyped` of text format 0.0.4."""
    return next((each for each in TYPES if each == text), "unknown")


def declared_family(name: str, families: Mapping[str, Family]) -> Family | None:
    """Return the declared family that a sample of this name belongs to, if there is one."""
    if name in families or not families:
        return families.get(name)
    for kind, suffixes in SUFFIXES.items():
        for suffix in suffixes:
            found = families.get(name.removesuffix(suffix)) if name.endswith(suffix) else None
            if found and found.type == kind:
                return found
    return None


def type_by_convention(name: str) -> MetricType:
    """Return the type that exporters' naming implies: `_total` counts, `_bucket` is part of a histogram."""
    if name.endswith("_total"):
        return "counter"
    return "histogram" if name.endswith("_bucket") else "unknown"


def accumulates(name: str, labels: Mapping[str, str], kind: MetricType) -> bool:
    """Return whether a sample only grows until it is reset, so that its increase means something."""
    if kind == "counter":
        return not name.endswith("_created")
    return "quantile" not in labels and name.endswith(GROWING.get(kind, ()))
