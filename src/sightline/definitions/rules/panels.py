"""Panels: their metrics exist and can be drawn, and group by what every one of them reaches."""

from __future__ import annotations

from collections.abc import Iterator

from sightline.definitions.book import Book, Entry
from sightline.definitions.catalog import Issue, did_you_mean
from sightline.definitions.dimensions import UnknownDimension
from sightline.definitions.documents import KeyPath
from sightline.definitions.lineage import grouping_datasets
from sightline.definitions.panels import panel_dimensions, panel_metrics
from sightline.definitions.schema.dashboard import BarChart, FunnelChart, Panel, TablePanel
from sightline.definitions.schema.metric import Funnel


def metrics(book: Book) -> Iterator[Issue]:
    for entry, place, panel in _panels(book):
        for path, name in panel_metrics(panel):
            yield from book.unknown(entry, (*place, *path), "metric", name)
            metric = book.catalog.metrics.get(name)
            is_whole = isinstance(panel, FunnelChart) and path == ("metric",)
            if metric and is_whole and not isinstance(metric, Funnel):
                hint = "name a funnel metric, or list simple metrics under stages"
                yield entry.issue((*place, *path), f'"{name}" is not a funnel', "PACK-E017", hint)
            if isinstance(metric, Funnel) and not is_whole:
                hint = "draw it with chart: funnel"
                yield entry.issue((*place, *path), f'"{name}" is a funnel: it has no single value', "PACK-E017", hint)


def dimensions(book: Book) -> Iterator[Issue]:
    for entry, place, panel in _panels(book):
        names = list(dict.fromkeys(name for _, name in panel_metrics(panel)))
        for path, dimension in panel_dimensions(panel):
            yield from _unreached(book, entry, (*place, *path), dimension, names)
    for entry in book.entries("dashboard"):
        finding = entry.value.finding
        if finding:
            named = [((), finding.metric), *(((index,), name) for index, name in enumerate(finding.share_of))]
            for path, name in named:
                place = ("finding", "share_of", *path) if path else ("finding", "metric")
                yield from book.unknown(entry, place, "metric", name)
            if finding.by is not None:
                yield from _unreached(book, entry, ("finding", "by"), finding.by, [name for _, name in named])


def shapes(book: Book) -> Iterator[Issue]:
    tables: set[tuple[str, str]] = set()
    for entry, place, panel in _panels(book):
        if isinstance(panel, FunnelChart) and bool(panel.metric) == bool(panel.stages):
            hint = "metric: a funnel (cohort view), or stages: simple metrics (period view)"
            yield entry.issue(place, "a funnel chart draws either a metric or stages", "PACK-E038", hint)
        if isinstance(panel, BarChart) and not panel.by and not panel.grain:
            hint = "by: a dimension, or grain: a length of time"
            yield entry.issue(place, "the bars stand for nothing", "PACK-E038", hint)
        if isinstance(panel, TablePanel):
            if (entry.name, panel.table) in tables:
                hint = "a table's name is its address: make it unique in the dashboard"
                yield entry.issue((*place, "table"), f'table "{panel.table}" is there already', "PACK-E039", hint)
            tables.add((entry.name, panel.table))


def sorting(book: Book) -> Iterator[Issue]:
    for entry, place, panel in _panels(book):
        if isinstance(panel, TablePanel) and panel.sort:
            names = [name for _, name in (*panel_metrics(panel), *panel_dimensions(panel))]
            wanted = panel.sort.removeprefix("-")
            if wanted not in names:
                message = f'"{wanted}" is not a column of this table'
                yield entry.issue((*place, "sort"), message, "PACK-E040", did_you_mean(wanted, names))


def _panels(book: Book) -> Iterator[tuple[Entry, KeyPath, Panel]]:
    for entry in book.entries("dashboard"):
        for index, panel in enumerate(entry.value.panels):
            yield entry, ("panels", index), panel


def _unreached(book: Book, entry: Entry, path: KeyPath, dimension: str, metrics: list[str]) -> Iterator[Issue]:
    """Yield one issue for the first metric whose dataset does not reach the dimension."""
    if book.broken("dataset"):
        return
    for metric in metrics:
        for dataset in sorted(grouping_datasets(book.catalog.metrics, metric)):
            if book.dataset(dataset) is None:
                continue
            try:
                book.joins.resolve(dataset, dimension)
            except UnknownDimension as error:
                yield entry.issue(path, f'{error.message}, which metric "{metric}" reads', "PACK-E013", error.hint)
                return
