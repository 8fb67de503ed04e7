"""The metric guide: every metric with its formula, when to act on it and how, and where it is shown."""

from __future__ import annotations

from itertools import groupby

from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.metric import Metric
from sightline.guides.document import Entry, Fact, Guide, Section, fact
from sightline.guides.scope import NO_GROUP, Scope, page_link, segment_words
from sightline.metrics.explain import formula
from sightline.metrics.plan import operands

GOOD_IS = {"up": "higher", "down": "lower", "neutral": "neither; it describes"}
REVIEWS = {
    "daily": "every day",
    "weekly": "every week",
    "monthly": "every month",
    "quarterly": "every quarter",
    "yearly": "every year",
}


def metric_guide(scope: Scope) -> Guide:
    """Return the guide to every metric."""
    by_group = groupby(scope.metrics.items(), key=lambda item: item[1].group or NO_GROUP)
    sections = tuple(
        Section(group, entries=tuple(_entry(name, metric, scope) for name, metric in found))
        for group, found in by_group
    )
    lead = "What each figure means, how it is made, when to act on it and how, and where it is shown."
    return Guide("metrics", "Metric guide", lead, sections)


def _entry(name: str, metric: Metric, scope: Scope) -> Entry:
    facts = (
        *fact("Formula", formula(name, scope.catalog)),
        *fact("Unit", unit_words(metric, scope)),
        *fact("Good is", GOOD_IS[metric.direction]),
        *_actions(metric, scope),
        *fact("Benchmark", scope.value(metric.benchmark, metric)),
        *fact("Target", *scope.targets(metric)),
        *fact("Owner", scope.owner(metric.owner)),
        *fact("Reviewed", REVIEWS.get(metric.cadence or "", "")),
        *_cautions(metric),
        *_places(name, scope),
    )
    return Entry(scope.link(name), metric.description, facts)


def unit_words(metric: Metric, scope: Scope) -> str:
    """Return the unit as people say it."""
    unit = scope.unit(metric)
    if unit.kind == "money":
        return f"{unit.code} ({unit.header})" if unit.header != unit.code else unit.code
    return unit.spoken.strip() if unit.kind == "time" else label_of(unit.kind).lower()


def _actions(metric: Metric, scope: Scope) -> tuple[Fact, ...]:
    """Return each band with what to do when the figure lies in it."""
    bands = metric.bands
    if bands is None:
        return ()
    owner = scope.owner(metric.owner) or "Whoever reviews it"
    parts = ", ".join(scope.label(name) for name in operands(metric) if name in scope.catalog.metrics)
    apart = f" Take it apart: {parts}." if parts else " Break it down by its dimensions."
    found: tuple[Fact, ...] = ()
    if bands.excellent:
        found += fact("Ahead", f"{scope.band(bands.excellent, metric)}. Say what made it so, and do more of it.")
    if bands.good:
        found += fact("On track", f"{scope.band(bands.good, metric)}. Nothing to do; keep what works.")
    if bands.warning:
        found += fact(
            "On watch", f"{scope.band(bands.warning, metric)}. {owner} finds the cause at the next review.{apart}"
        )
    if bands.critical:
        found += fact(
            "Off track", f"{scope.band(bands.critical, metric)}. {owner} acts now and says what is done.{apart}"
        )
    for each in scope.segments(metric):
        where = segment_words(each.segment)
        words = (
            ("ahead", each.excellent),
            ("on track", each.good),
            ("on watch", each.warning),
            ("off track", each.critical),
        )
        said = "; ".join(f"{name} {scope.band(text, metric)}" for name, text in words if text)
        found += fact(f"For {where}", said)
    return found


def _cautions(metric: Metric) -> tuple[Fact, ...]:
    """Return what keeps a figure from being read bare."""
    few = f"over fewer than {metric.min_n} cases it is not shown bare" if metric.min_n else ""
    young = f"a cohort needs {metric.maturation} to be final" if metric.maturation else ""
    return fact("Mind", few, young)


def _places(name: str, scope: Scope) -> tuple[Fact, ...]:
    pages = scope.dashboards(name)
    return (Fact("Shown on", tuple(map(page_link, pages))),) if pages else ()
