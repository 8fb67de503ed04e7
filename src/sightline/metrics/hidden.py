"""Which figures a viewer has no part in: of what their role shows nothing, they are told nothing, not zero."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from sightline.definitions.catalog import Catalog
from sightline.definitions.dimensions import Joins, UnknownDimension
from sightline.definitions.expressions import columns_in, parse_expression
from sightline.definitions.lineage import datasets_read, events_of
from sightline.definitions.policy import Policy
from sightline.definitions.schema.metric import Cumulative, Metric, Score, SemiAdditive, Simple
from sightline.metrics.parts import parts_of
from sightline.metrics.plan import LEAVES, simple_of
from sightline.metrics.rewrites.row_policy import shows_nothing


class Scope(Protocol):
    """What a question is asked with: the definitions, how they join, and what the viewer may see."""

    @property
    def catalog(self) -> Catalog: ...

    @property
    def joins(self) -> Joins: ...

    @property
    def policy(self) -> Policy: ...


@dataclass(frozen=True)
class Asked:
    """A scope, where there is no statement."""

    catalog: Catalog
    joins: Joins
    policy: Policy


def is_hidden(name: str, scope: Scope) -> bool:
    """Whether a metric cannot be told: it reads a dataset of which the viewer's role shows nothing, or asks of one.

    Of what is computed one hidden part is enough, for it would count as nothing there. A score goes without a component
    that has no value, so that only all of them hide it.
    """
    metric = scope.catalog.metric(name)
    if isinstance(metric, LEAVES):
        base = simple_of(metric, scope.catalog) if isinstance(metric, Cumulative) else metric
        read = datasets_read(base) | set(_asked_of(base, scope.joins))
        return any(shows_nothing(policy=scope.policy, dataset=each, joins=scope.joins) for each in read)
    parts = (is_hidden(each.metric, scope) for each in parts_of(metric))
    return all(parts) if isinstance(metric, Score) else any(parts)


def _asked_of(metric: Metric, joins: Joins) -> Iterator[str]:
    """Yield the datasets that conditions and expressions of a metric reach: no row would meet them unseen."""
    for dataset, text in _texts(metric):
        for name in _columns(text):
            try:
                path = joins.column(dataset, name).path
            except UnknownDimension:
                continue
            yield from (step.target for step in path)


@lru_cache(maxsize=4096)
def _columns(text: str) -> frozenset[str]:
    return frozenset(columns_in(parse_expression(text)))


def _texts(metric: Metric) -> Iterator[tuple[str, str]]:
    if isinstance(metric, Simple | SemiAdditive):
        own = (metric.where, getattr(metric, "expression", None))
        yield from ((metric.dataset, text) for text in own if text)
    yield from ((event.dataset, event.where) for _, event in events_of(metric) if event.where)


def hidden_among(names: Iterable[str], scope: Scope) -> frozenset[str]:
    """Return the metrics that cannot be told, of those named and all that they are made of."""
    found: set[str] = set()
    waiting, seen = list(names), set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        waiting += [each.metric for each in parts_of(scope.catalog.metric(name))]
        if is_hidden(name, scope):
            found.add(name)
    return frozenset(found)
