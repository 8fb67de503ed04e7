"""Formulas that look back: the names of earlier figures are their own, are used, and stand for what has a time."""

from __future__ import annotations

from collections.abc import Iterator

from sightline.definitions.book import Book
from sightline.definitions.catalog import Issue, did_you_mean
from sightline.definitions.lineage import grouping_datasets, names_in
from sightline.definitions.schema.metric import Derived


def inputs(book: Book) -> Iterator[Issue]:
    for entry in book.entries("metric"):
        if not isinstance(entry.value, Derived):
            continue
        used = names_in(entry.value.expression)
        for name, earlier in entry.value.inputs.items():
            if book.is_known("metric", name):
                message = f'"{name}" is a metric too, so the expression would not say which is meant'
                yield entry.issue(("inputs", name), message, "PACK-E043", "give the earlier figure another name")
            elif used and name not in used:
                hint = did_you_mean(name, used - set(entry.value.inputs))
                yield entry.issue(("inputs", name), f'the expression does not use "{name}"', "PACK-E033", hint)
            for timeless in sorted(_timeless(book, earlier.metric)):
                message = f'dataset "{timeless}" of metric "{earlier.metric}" has no time column, so nothing is earlier'
                yield entry.issue(("inputs", name, "metric"), message, "PACK-E026", "name it under time in the dataset")


def _timeless(book: Book, metric: str) -> Iterator[str]:
    """Yield the datasets of a metric whose rows have no time of their own; a metric may name another column."""
    for name in grouping_datasets(book.catalog.metrics, metric):
        dataset = book.dataset(name)
        named = book.catalog.metrics.get(metric)
        if dataset is not None and not dataset.time and not getattr(named, "time", None):
            yield name
