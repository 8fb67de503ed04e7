"""Exported names: one meaning each, labels that can be reached, periods that can be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sightline.definitions.book import Book, Entry
from sightline.definitions.catalog import Issue
from sightline.definitions.documents import KeyPath
from sightline.definitions.exported import OWN_PREFIX, Exported, exports_of, prefix_of
from sightline.definitions.lineage import grouping_datasets
from sightline.definitions.periods import ALLOWED, parse_period

_ANY_DAY = date(2024, 2, 29)


def exports(book: Book) -> Iterator[Issue]:
    taken: dict[str, str] = {}
    for entry in sorted(book.entries("metric"), key=lambda each: each.name):
        if entry.value.hidden:
            continue
        found = exports_of(entry.name, entry.value, prefix=prefix_of(book.catalog, entry.name))
        for index, each in enumerate(found):
            path: KeyPath = () if entry.value.export is None else ("export",)
            if isinstance(entry.value.export, list):
                path = ("export", index)
            yield from _name(each, entry, path, taken)
            yield from _labels(each, entry, path, book)
            yield from _periods(each, entry, path)


def _name(each: Exported, entry: Entry, path: KeyPath, taken: dict[str, str]) -> Iterator[Issue]:
    if each.name in taken:
        message = f'"{each.name}" is exported by metric "{taken[each.name]}" already'
        yield entry.issue(path, message, "PACK-E043", "give one of them another name under export")
    if each.name.startswith(OWN_PREFIX):
        yield entry.issue(path, f'"{each.name}" is reserved', "PACK-E043", f"no name begins with {OWN_PREFIX}")
    taken.setdefault(each.name, entry.name)


def _labels(each: Exported, entry: Entry, path: KeyPath, book: Book) -> Iterator[Issue]:
    for label in each.labels:
        for dataset in sorted(grouping_datasets(book.catalog.metrics, entry.name)):
            if dataset in book.catalog.datasets and label not in book.joins.dimensions(dataset):
                message = f'"{label}" is not a dimension of {dataset}'
                yield entry.issue(path, message, "PACK-E013", "a label is a dimension of all that the metric counts")


def _periods(each: Exported, entry: Entry, path: KeyPath) -> Iterator[Issue]:
    for period in filter(None, each.periods):
        try:
            parse_period(period, today=_ANY_DAY)
        except ValueError:
            yield entry.issue(path, f'"{period}" is not a period', "PACK-E030", ALLOWED)
