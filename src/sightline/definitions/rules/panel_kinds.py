"""What single kinds of panels ask of what they name: retentions for cohorts, parts that add up, columns that exist."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from sightline.definitions.book import Book, Entry
from sightline.definitions.catalog import Issue, did_you_mean
from sightline.definitions.documents import KeyPath
from sightline.definitions.lineage import adds_up
from sightline.definitions.panels import list_columns, panel_metrics
from sightline.definitions.rules.columns import MOMENTS
from sightline.definitions.schema.dashboard import (
    CohortChart,
    DistributionChart,
    DonutChart,
    GaugePanel,
    HistogramChart,
    LineChart,
    ListPanel,
    Panel,
    PieChart,
    RegistryPanel,
    SharesChart,
    StateTimeline,
    WaterfallChart,
)
from sightline.definitions.schema.dataset import Dataset
from sightline.definitions.schema.metric import Retention

PLACES = re.compile(r"\{(\w+)\}")


def retentions(book: Book) -> Iterator[Issue]:
    """A retention has a row per cohort and age: a cohort panel draws it, and nothing else does."""
    for entry, place, panel in panels_of(book):
        is_cohort = isinstance(panel, CohortChart)
        for path, name in panel_metrics(panel):
            metric = book.catalog.metrics.get(name)
            if metric is None or isinstance(metric, Retention) is is_cohort:
                continue
            said = f'"{name}" is not a retention' if is_cohort else f'"{name}" is a retention: it has no single value'
            hint = "name a metric of type retention" if is_cohort else "draw it with chart: cohort"
            yield entry.issue((*place, *path), said, "PACK-E017", hint)


def kinds(book: Book) -> Iterator[Issue]:
    for entry, place, panel in panels_of(book):
        check = _CHECKS.get(type(panel))
        yield from check(book, entry, place, panel) if check else ()


def annotated_datasets(book: Book) -> Iterator[Issue]:
    for entry in book.entries("dataset"):
        dataset, said = entry.value, entry.value.annotations
        if said is None:
            continue
        yield from book.unknown_column(entry, ("annotations", "text"), dataset, said.text)
        yield from book.unknown_column(entry, ("annotations", "at"), dataset, said.at)
        column = dataset.columns.get(said.at)
        if column and column.type not in MOMENTS:
            message = f'column "{said.at}" is a {column.type}'
            yield entry.issue(("annotations", "at"), message, "PACK-E019", "events have a date or a timestamp")


def panels_of(book: Book) -> Iterator[tuple[Entry, KeyPath, Panel]]:
    """Yield every panel with where it stands."""
    for entry in book.entries("dashboard"):
        for index, panel in enumerate(entry.value.panels):
            yield entry, ("panels", index), panel


def _one_unit(book: Book, entry: Entry, place: KeyPath, panel: WaterfallChart | DistributionChart) -> Iterator[Issue]:
    units = {name: book.catalog.metrics[name].unit for name in panel.metrics if name in book.catalog.metrics}
    if len(set(units.values())) > 1:
        said = ", ".join(f'"{name}" in {unit}' for name, unit in units.items())
        yield entry.issue((*place, "metrics"), f"the parts have several units: {said}", "PACK-E017", "use one unit")


def _adds(book: Book, entry: Entry, place: KeyPath, panel: SharesChart | DistributionChart) -> Iterator[Issue]:
    metric = book.catalog.metrics.get(panel.metric or "")
    if metric is not None and not adds_up(metric):
        message = f'the members of "{panel.metric}" do not add up to a whole'
        hint = "name a sum or a count; draw others with chart: bar"
        yield entry.issue((*place, "metric"), message, "PACK-E017", hint)


def _parts(book: Book, entry: Entry, place: KeyPath, panel: DistributionChart) -> Iterator[Issue]:
    by_metric = bool(panel.metric) and bool(panel.by)
    if bool(panel.metrics) == bool(panel.metric) or bool(panel.metric) != bool(panel.by) or len(panel.metrics) == 1:
        hint = "metrics: two to five parts, or metric: and by: together"
        yield entry.issue(place, "the bar has no parts, or has them twice", "PACK-E038", hint)
    yield from _adds(book, entry, place, panel) if by_metric else _one_unit(book, entry, place, panel)


def _judged(book: Book, entry: Entry, place: KeyPath, panel: GaugePanel | StateTimeline) -> Iterator[Issue]:
    (path, name), *_ = panel_metrics(panel)
    metric = book.catalog.metrics.get(name)
    if metric is not None and not (metric.bands or metric.targets):
        message = f'"{name}" has neither bands nor a target, so it has no status to show'
        yield entry.issue(
            (*place, *path), message, "PACK-E017", "give the metric bands, or draw it as a tile or a line"
        )


def _ranged(book: Book, entry: Entry, place: KeyPath, panel: HistogramChart) -> Iterator[Issue]:
    metric = book.catalog.metrics.get(panel.metric)
    if panel.edges and any(low >= high for low, high in pairwise(panel.edges)):
        hint = "each edge is above the one before: [20, 40, 60, 80]"
        yield entry.issue((*place, "edges"), "the edges do not rise", "PACK-E038", hint)
    if metric is not None and not panel.edges and not metric.bands:
        message = f'"{panel.metric}" has no bands, so there are no ranges to count in'
        yield entry.issue((*place, "metric"), message, "PACK-E017", "give the panel edges: [20, 40, 60, 80]")


def _registered(book: Book, entry: Entry, place: KeyPath, panel: RegistryPanel) -> Iterator[Issue]:
    if isinstance(panel.registry, list) or book.broken("metric"):
        return
    known = {metric.group for metric in book.catalog.metrics.values() if metric.group and not metric.hidden}
    for name in panel.registry.names:
        if name not in known:
            path = (*place, "registry", "group")
            yield entry.issue(path, f'no metric has the group "{name}"', "PACK-E012", did_you_mean(name, known))


def _listed(book: Book, entry: Entry, place: KeyPath, panel: ListPanel) -> Iterator[Issue]:
    yield from book.unknown(entry, (*place, "list"), "dataset", panel.list)
    dataset = book.dataset(panel.list)
    if dataset is None:
        return
    for path, column in list_columns(panel):
        yield from book.unknown_column(entry, (*place, *path), dataset, column.column)
        spec = dataset.columns.get(column.column)
        if spec and column.show == "due" and spec.type not in MOMENTS:
            message = f'column "{column.column}" is a {spec.type}'
            yield entry.issue((*place, *path), message, "PACK-E019", "what is due is a date or a timestamp")
    yield from _effects(book, entry, place, panel, dataset)
    wanted = (panel.sort or "").removeprefix("-")
    if wanted and wanted not in dataset.columns:
        message = f'"{wanted}" is not a column of this list'
        yield entry.issue((*place, "sort"), message, "PACK-E040", did_you_mean(wanted, dataset.columns))


def _effects(book: Book, entry: Entry, place: KeyPath, panel: ListPanel, dataset: Dataset) -> Iterator[Issue]:
    """A list tells an effect by columns that it has: two days, and those that name the metric."""
    effect = panel.effect
    if effect is None:
        return
    for name in PLACES.findall(effect.metric):
        yield from book.unknown_column(entry, (*place, "effect", "metric"), dataset, name)
    for key, name in (("started", effect.started), ("done", effect.done)):
        path = (*place, "effect", key)
        yield from book.unknown_column(entry, path, dataset, name)
        spec = dataset.columns.get(name)
        if spec and spec.type not in MOMENTS:
            message = f'column "{name}" is a {spec.type}'
            yield entry.issue(path, message, "PACK-E019", "an effect is told from a date or a timestamp")


def _line(book: Book, entry: Entry, place: KeyPath, panel: LineChart) -> Iterator[Issue]:
    yield from _annotated(book, entry, place, panel)
    if not panel.periods_ahead:
        return
    path = (*place, "forecast")
    if len(panel.metrics) > 1 or panel.by:
        seen = f"by {panel.by}" if panel.by else f"of {len(panel.metrics)} metrics"
        hint = "name one metric and leave out by, or make a panel for each"
        yield entry.issue(
            path, f"a chart {seen} cannot be forecast: its fans would hide one another", "PACK-E049", hint
        )
    if panel.grain == "hour":
        hint = "choose day, week, month, quarter or year"
        yield entry.issue(path, "hours cannot be forecast", "PACK-E049", hint)


def _annotated(book: Book, entry: Entry, place: KeyPath, panel: LineChart) -> Iterator[Issue]:
    for index, name in enumerate(panel.annotations or ()):
        path = (*place, "annotations", index)
        yield from book.unknown(entry, path, "dataset", name)
        dataset = book.dataset(name)
        if dataset is not None and dataset.annotations is None:
            message = f'dataset "{name}" does not say which of its columns are annotations'
            yield entry.issue(path, message, "PACK-E038", "give it annotations: {at: …, text: …}")


_CHECKS: dict[type[Panel], Callable[[Book, Entry, KeyPath, Any], Iterator[Issue]]] = {
    WaterfallChart: _one_unit,
    DonutChart: _adds,
    PieChart: _adds,
    HistogramChart: _ranged,
    DistributionChart: _parts,
    GaugePanel: _judged,
    StateTimeline: _judged,
    RegistryPanel: _registered,
    ListPanel: _listed,
    LineChart: _line,
}
