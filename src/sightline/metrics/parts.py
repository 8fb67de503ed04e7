"""What a metric is computed from: other metrics, each of the same time or of an earlier one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sightline.definitions.durations import Length, parse_duration
from sightline.definitions.expressions import columns_in, parse_expression
from sightline.definitions.schema.metric import Computed, Derived, Metric, Ratio, Score

BACK = "__back_"
"""Begins the end of the names of columns that hold what was an offset before."""

KNOWN = "__known"
"""Ends the name of the column that says whether the data reaches back to an earlier figure of a leaf."""


@dataclass(frozen=True)
class Part:
    """A metric in a formula: as the formula calls it, and how much earlier it is read."""

    name: str
    metric: str
    back: Length | None = None

    @property
    def suffix(self) -> str:
        """What the names of its columns end in."""
        return suffix_of((self.back,)) if self.back else ""

    @property
    def when(self) -> str:
        """The offset in words, after the metric's label."""
        return f" {self.back} earlier" if self.back else ""


def parts_of(metric: Metric) -> tuple[Part, ...]:
    """Return what a ratio, a derived metric or a score is made of, in order of appearance."""
    if isinstance(metric, Ratio):
        return (Part(metric.numerator, metric.numerator), Part(metric.denominator, metric.denominator))
    if isinstance(metric, Score):
        return tuple(Part(each, each) for each in dict.fromkeys(each.metric for each in metric.components))
    if isinstance(metric, Derived):
        names = columns_in(parse_expression(metric.expression))
        return tuple(_part(metric, name) for name in sorted(names, key=lambda name: _position(metric.expression, name)))
    return ()


def _part(metric: Derived, name: str) -> Part:
    given = metric.inputs.get(name)
    return Part(name, given.metric, parse_duration(given.offset)) if given else Part(name, name)


def _position(text: str, name: str) -> int:
    found = re.search(rf"\b{re.escape(name)}\b", text)
    return found.start() if found else 0


def suffix_of(back: tuple[Length, ...]) -> str:
    """Return what the names of columns end in that hold what was these offsets before."""
    return "".join(f"{BACK}{length.number}_{length.unit}" for length in back)


def with_n(metric: Metric) -> Iterator[Part]:
    """Yield the parts of a metric, and the metric that counts its observations."""
    yield from parts_of(metric)
    if isinstance(metric, Computed) and metric.n:
        yield Part(metric.n, metric.n)
