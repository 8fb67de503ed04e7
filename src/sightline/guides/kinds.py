"""The guides, one line each: pages, files and the list of guides go by this table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sightline.definitions.catalog import Catalog, UnknownName
from sightline.definitions.policy import Policy
from sightline.guides.document import Guide
from sightline.guides.metric_guide import metric_guide
from sightline.guides.role_guide import role_guide
from sightline.guides.scope import Scope
from sightline.guides.tables import benchmark_sheet, quick_reference, review_calendar
from sightline.registry import Registry


@dataclass(frozen=True)
class Reader:
    """For whom a guide is written: what they see, and which roles they are told about."""

    catalog: Catalog
    policy: Policy
    roles: Sequence[str]


@dataclass(frozen=True)
class GuideKind:
    """One guide: what makes it, its title, and what it is for in a line."""

    make: Callable[[Reader], Guide]
    title: str
    summary: str


def _scope(reader: Reader) -> Scope:
    return Scope.of(reader.catalog, reader.policy)


GUIDES: Registry[GuideKind] = Registry(
    "guide",
    {
        "metrics": GuideKind(
            lambda reader: metric_guide(_scope(reader)), "Metric guide", "Meaning, formula, when to act and how."
        ),
        "quick-reference": GuideKind(
            lambda reader: quick_reference(_scope(reader)), "Quick reference", "Every metric in one line."
        ),
        "benchmarks": GuideKind(
            lambda reader: benchmark_sheet(_scope(reader)), "Benchmark sheet", "What each figure is held against."
        ),
        "reviews": GuideKind(
            lambda reader: review_calendar(_scope(reader)), "Review calendar", "What is looked at how often, by whom."
        ),
        "roles": GuideKind(
            lambda reader: role_guide(reader.catalog, reader.roles), "Guide by role", "Who sees, does and reviews what."
        ),
    },
)


def guide_named(name: str, reader: Reader) -> Guide:
    """Return the guide, written now. Raises UnknownName, which suggests the nearest."""
    if name not in GUIDES:
        raise UnknownName("guide", name, GUIDES)
    return GUIDES[name].make(reader)
