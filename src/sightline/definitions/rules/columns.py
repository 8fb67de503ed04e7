"""The columns a dataset names for its own purposes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sightline.definitions.book import Book
from sightline.definitions.catalog import Issue, did_you_mean

MOMENTS = ("date", "timestamp")
NUMBERS = ("integer", "number", "decimal")


def columns_exist(book: Book) -> Iterator[Issue]:
    for entry in book.entries("dataset"):
        dataset = entry.value
        if dataset.time:
            yield from book.unknown_column(entry, ("time",), dataset, dataset.time)
        if dataset.archived:
            yield from book.unknown_column(entry, ("archived",), dataset, dataset.archived)
        for place in ("key", "sort"):
            for index, name in enumerate(getattr(dataset, place)):
                yield from book.unknown_column(entry, (place, index), dataset, name)


def time_is_a_moment(book: Book) -> Iterator[Issue]:
    for entry in book.entries("dataset"):
        dataset = entry.value
        column = dataset.columns.get(dataset.time or "")
        if column and column.type not in MOMENTS:
            message = f'column "{dataset.time}" is a {column.type}'
            yield entry.issue(("time",), message, "PACK-E019", "the time column is a date or a timestamp")
        marked = dataset.columns.get(dataset.archived or "")
        if marked and marked.type != "boolean":
            message = f'column "{dataset.archived}" is a {marked.type}'
            yield entry.issue(("archived",), message, "PACK-E019", "what is archived is said by a boolean column")
        if dataset.partition != "none" and not dataset.time:
            message = f"partition by {dataset.partition} needs a time column"
            yield entry.issue(("partition",), message, "PACK-E026", "name it under time, or leave partition out")


def currencies(book: Book) -> Iterator[Issue]:
    for entry in book.entries("dataset"):
        columns = entry.value.columns
        for name, column in columns.items():
            written = column.currency
            if written and written not in columns and not re.fullmatch(r"[A-Z]{3}", written):
                message = f'"{written}" is neither a currency nor a column'
                hint = "an ISO 4217 code such as USD, or a column; " + did_you_mean(written, columns)
                yield entry.issue(("columns", name, "currency"), message, "PACK-E041", hint)
