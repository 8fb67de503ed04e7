"""The arguments of aggregations: their column, its type, and the time they are counted at."""

from __future__ import annotations

from collections.abc import Iterator

from sightline.definitions.book import Book, Entry
from sightline.definitions.catalog import Issue
from sightline.definitions.documents import KeyPath
from sightline.definitions.lineage import events_of
from sightline.definitions.rules.columns import MOMENTS, NUMBERS
from sightline.definitions.schema.metric import Cumulative, Movement, SemiAdditive, Simple

NUMERIC = ("sum", "avg", "median", "percentile")


def arguments(book: Book) -> Iterator[Issue]:
    for entry in book.entries("metric"):
        metric = entry.value
        if not isinstance(metric, Simple | SemiAdditive):
            continue
        expression = getattr(metric, "expression", None)
        if metric.agg not in ("count", "age") and not metric.column and not expression:
            yield entry.issue(("agg",), f"{metric.agg} needs a column", "PACK-E018", "name it under column")
        if metric.column and expression:
            message = "column and expression exclude each other"
            yield entry.issue(("expression",), message, "PACK-E018", "keep one of them")
        if isinstance(metric, Simple):
            yield from _percentile(entry, metric)
            yield from _age(entry, metric)


def _age(entry: Entry, metric: Simple) -> Iterator[Issue]:
    if metric.agg == "age" and (metric.expression or metric.convert or metric.empty):
        wrong = next(name for name in ("expression", "convert", "empty") if getattr(metric, name))
        yield entry.issue((wrong,), f"age takes no {wrong}", "PACK-E018", "name a date or a timestamp under column")


def _percentile(entry: Entry, metric: Simple) -> Iterator[Issue]:
    if metric.agg == "percentile" and metric.percentile is None:
        hint = "a share between 0 and 1, for example percentile: 0.9"
        yield entry.issue(("agg",), "percentile needs to know which", "PACK-E018", hint)
    if metric.agg != "percentile" and metric.percentile is not None:
        yield entry.issue(("percentile",), f"{metric.agg} takes no percentile", "PACK-E018", "use agg: percentile")


def column_types(book: Book) -> Iterator[Issue]:
    """The column is there, and what is added or averaged is a number."""
    for entry in book.entries("metric"):
        metric = entry.value
        if isinstance(metric, Movement):
            yield from _moved_column(book, entry)
        if not isinstance(metric, Simple | SemiAdditive) or not metric.column:
            continue
        dataset = book.dataset(metric.dataset)
        if dataset is None or metric.column in dataset.entities:
            continue
        yield from book.unknown_column(entry, ("column",), dataset, metric.column)
        column = dataset.columns.get(metric.column)
        if column and metric.agg in NUMERIC and column.type not in NUMBERS:
            message = f'column "{metric.column}" is a {column.type}'
            hint = f"{metric.agg} is for columns of type " + ", ".join(NUMBERS)
            yield entry.issue(("column",), message, "PACK-E019", hint)
        if column and metric.agg == "age" and column.type not in MOMENTS:
            message = f'column "{metric.column}" is a {column.type}'
            yield entry.issue(("column",), message, "PACK-E019", "age is for a date or a timestamp")


def _moved_column(book: Book, entry: Entry) -> Iterator[Issue]:
    """What a level changes by is a number of the dataset of changes."""
    dataset = book.dataset(entry.value.changes.dataset)
    if dataset is None:
        return
    yield from book.unknown_column(entry, ("column",), dataset, entry.value.column)
    column = dataset.columns.get(entry.value.column)
    if column and column.type not in NUMBERS:
        yield entry.issue(
            ("column",), f'column "{entry.value.column}" is a {column.type}', "PACK-E019", "a level is a number"
        )


def times(book: Book) -> Iterator[Issue]:
    """Another time column exists and is a moment; what depends on order in time has one."""
    for entry in book.entries("metric"):
        metric = entry.value
        if isinstance(metric, Simple | SemiAdditive):
            is_needed = isinstance(metric, SemiAdditive) or metric.convert is not None or metric.agg == "age"
            yield from _time(book, entry, (), metric.dataset, metric.time, is_needed)
        for path, event in events_of(metric):
            yield from _time(book, entry, path, event.dataset, event.time, True)
        base = book.catalog.metrics.get(metric.metric) if isinstance(metric, Cumulative) else None
        if isinstance(base, Simple):
            yield from _time(book, entry, ("metric",), base.dataset, base.time, True)


def _time(book: Book, entry: Entry, path: KeyPath, name: str, time: str | None, is_needed: bool) -> Iterator[Issue]:
    dataset = book.dataset(name)
    if dataset is None:
        return
    if time:
        yield from book.unknown_column(entry, (*path, "time"), dataset, time)
        column = dataset.columns.get(time)
        if column and column.type not in MOMENTS:
            message = f'column "{time}" is a {column.type}'
            yield entry.issue((*path, "time"), message, "PACK-E019", "time is a date or a timestamp")
    elif is_needed and not dataset.time:
        message = f'dataset "{name}" has no time column'
        yield entry.issue(path, message, "PACK-E026", "name a column under time, here or in the dataset")
