"""The metrics, datasets and entities that metrics name."""

from __future__ import annotations

from collections.abc import Iterator

from sightline.definitions.book import Book
from sightline.definitions.catalog import Issue, did_you_mean
from sightline.definitions.lineage import events_of, metric_references
from sightline.definitions.schema.metric import (
    Conversion,
    Cumulative,
    Funnel,
    Interval,
    Movement,
    Retention,
    SemiAdditive,
    Simple,
)


def metrics(book: Book) -> Iterator[Issue]:
    for entry in book.entries("metric"):
        for path, name in metric_references(entry.value):
            yield from book.unknown(entry, path, "metric", name)


def datasets(book: Book) -> Iterator[Issue]:
    for entry in book.entries("metric"):
        if isinstance(entry.value, Simple | SemiAdditive):
            yield from book.unknown(entry, ("dataset",), "dataset", entry.value.dataset)
            if entry.value.convert:
                yield from book.unknown(entry, ("convert", "rates"), "dataset", entry.value.convert.rates)
        for path, event in events_of(entry.value):
            yield from book.unknown(entry, (*path, "dataset"), "dataset", event.dataset)


def entities(book: Book) -> Iterator[Issue]:
    """Every event of a conversion, funnel or interval is about the same entity; a level is taken by known ones."""
    for entry in book.entries("metric"):
        metric = entry.value
        if isinstance(metric, Conversion | Funnel | Interval | Movement | Retention):
            for path, event in events_of(metric):
                dataset = book.dataset(event.dataset)
                if dataset and metric.entity not in dataset.entities:
                    message = f'dataset "{event.dataset}" has no entity "{metric.entity}"'
                    hint = did_you_mean(metric.entity, dataset.entities)
                    yield entry.issue((*path, "dataset"), message, "PACK-E014", hint)
        if isinstance(metric, SemiAdditive) and (dataset := book.dataset(metric.dataset)):
            for index, name in enumerate(metric.by):
                if name not in dataset.entities and name not in dataset.columns:
                    message = f'dataset "{metric.dataset}" has no entity "{name}"'
                    hint = did_you_mean(name, dataset.entities)
                    yield entry.issue(("by", index), message, "PACK-E014", hint)


def types(book: Book) -> Iterator[Issue]:
    for entry in book.entries("metric"):
        for path, name in metric_references(entry.value):
            used = book.catalog.metrics.get(name)
            if isinstance(used, Funnel):
                message = f'"{name}" is a funnel, which has no single value'
                yield entry.issue(path, message, "PACK-E017", "use a conversion metric between two of its stages")
            elif isinstance(used, Retention):
                message = f'"{name}" is a retention, which has a row per age and no single value'
                yield entry.issue(path, message, "PACK-E017", "use a conversion metric within a window")
            elif isinstance(entry.value, Cumulative) and used and not isinstance(used, Simple):
                message = f'"{name}" is of type {used.type}'
                yield entry.issue(path, message, "PACK-E017", "a cumulative metric is built on a simple one")
            elif isinstance(entry.value, Cumulative) and isinstance(used, Simple) and used.agg == "age":
                message = f'"{name}" is an age, which does not accumulate'
                yield entry.issue(path, message, "PACK-E017", "ask for the age itself: it counts all rows so far")
