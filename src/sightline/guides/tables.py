"""The guides that are tables: quick reference, benchmark sheet, review calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import get_args

from sightline.definitions.schema.bands import Ranges
from sightline.definitions.schema.metric import Cadence, Metric
from sightline.guides.document import Guide, Section, Table, Words
from sightline.guides.metric_guide import GOOD_IS, REVIEWS, unit_words
from sightline.guides.scope import NO_GROUP, Scope, segment_words

_QUICK = ("Metric", "Unit", "Good is", "Ahead", "On track", "Off track", "Target", "Owner", "Reviewed")
_BENCHMARKS = ("Metric", "Benchmark", "Ahead", "On track", "On watch", "Off track", "Target")


def quick_reference(scope: Scope) -> Guide:
    """Return every metric in one line each."""
    sections = tuple(
        Section(group, tables=(Table(group, _QUICK, tuple(_quick(name, scope) for name, _ in found)),))
        for group, found in groupby(scope.metrics.items(), key=lambda item: item[1].group or NO_GROUP)
    )
    return Guide("quick-reference", "Quick reference", "Every metric in one line.", sections)


def benchmark_sheet(scope: Scope) -> Guide:
    """Return the metrics that are held against something: a benchmark, bands, a target."""
    judged = {name: each for name, each in scope.metrics.items() if _is_judged(each, scope)}
    sections = tuple(
        Section(
            group, tables=(Table(group, _BENCHMARKS, tuple(row for name, _ in found for row in _judged(name, scope))),)
        )
        for group, found in groupby(judged.items(), key=lambda item: item[1].group or NO_GROUP)
    )
    bare = len(scope.metrics) - len(judged)
    left_out = f" {bare} metrics have neither benchmark, bands nor target and are not listed." if bare else ""
    lead = f"What each figure is held against: where it is ahead, on track, on watch and off track.{left_out}"
    return Guide("benchmarks", "Benchmark sheet", lead, sections)


def review_calendar(scope: Scope) -> Guide:
    """Return what is reviewed how often, by whom and where; what has no cadence is named at the end."""
    sections = tuple(
        Section(f"{each.capitalize()} review", tables=(_reviewed(each, scope),))
        for each in get_args(Cadence)
        if any(metric.cadence == each for metric in scope.metrics.values())
    )
    without = [name for name, metric in scope.metrics.items() if metric.cadence is None]
    if without:
        heads = ("Metric", "Owner")
        rows = tuple((scope.link(name), Words(scope.owner(scope.metrics[name].owner))) for name in without)
        title = "Looked at when needed"
        sections += (Section(title, "Their definitions name no cadence.", tables=(Table(title, heads, rows),)),)
    return Guide("reviews", "Review calendar", "What is looked at how often, by whom and where.", sections)


def _quick(name: str, scope: Scope) -> tuple[Words, ...]:
    metric = scope.metrics[name]
    bands = metric.bands
    return (
        scope.link(name),
        Words(unit_words(metric, scope)),
        Words(GOOD_IS[metric.direction].partition(";")[0]),
        Words(scope.band(bands.excellent if bands else None, metric)),
        Words(scope.band(bands.good if bands else None, metric)),
        Words(scope.band(bands.critical if bands else None, metric)),
        Words("; ".join(scope.targets(metric))),
        Words(scope.owner(metric.owner)),
        Words(REVIEWS.get(metric.cadence or "", "")),
    )


def _judged(name: str, scope: Scope) -> Iterator[tuple[Words, ...]]:
    """Yield the line of a metric, and one of each segment with ranges of its own."""
    metric = scope.metrics[name]
    link, aim = scope.link(name), Words("; ".join(scope.targets(metric)))
    yield (link, Words(scope.value(metric.benchmark, metric)), *_bands(metric.bands, metric, scope), aim)
    for segment in scope.segments(metric):
        yield (
            replace(link, text=f"{link.text}, {segment_words(segment.segment)}"),
            Words(""),
            *_bands(segment, metric, scope),
            Words(""),
        )


def _bands(ranges: Ranges | None, metric: Metric, scope: Scope) -> tuple[Words, ...]:
    written = (getattr(ranges, each, None) for each in ("excellent", "good", "warning", "critical"))
    return tuple(Words(scope.band(each, metric)) for each in written)


def _is_judged(metric: Metric, scope: Scope) -> bool:
    return metric.bands is not None or metric.benchmark is not None or bool(scope.targets(metric))


def _reviewed(cadence: str, scope: Scope) -> Table:
    rows = tuple(
        (
            scope.link(name),
            Words(scope.owner(metric.owner)),
            Words(", ".join(page.title for page in scope.dashboards(name))),
        )
        for name, metric in scope.metrics.items()
        if metric.cadence == cadence
    )
    return Table(f"{cadence.capitalize()} review", ("Metric", "Owner", "Shown on"), rows)
