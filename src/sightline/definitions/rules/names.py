"""Names that would be read as something else in an answer or an address."""

from __future__ import annotations

from collections.abc import Iterator

from sightline.definitions.book import Book
from sightline.definitions.catalog import Issue

OF_METRICS = ("period", "age", "stage", "stage_label", "compare", "grain")
OF_DIMENSIONS = ("period", "age", "compare", "grain", "page", "sort")


def reserved(book: Book) -> Iterator[Issue]:
    dimensions: dict[str, str] = {}
    for entry in book.entries("dataset"):
        for name, column in entry.value.columns.items():
            if column.dimension:
                dimensions.setdefault(name, entry.title)
                if name in OF_DIMENSIONS:
                    yield entry.issue(("columns", name), f'"{name}" is reserved', "PACK-E043", "give it another name")
        for name in entry.value.entities:
            dimensions.setdefault(name, entry.title)
    for entry in book.entries("metric"):
        if entry.name in OF_METRICS:
            yield entry.issue((), f'"{entry.name}" is reserved', "PACK-E043", "give the metric another name")
        if entry.name in dimensions:
            message = f'"{entry.name}" is a dimension of {dimensions[entry.name]} too'
            yield entry.issue((), message, "PACK-E043", "a question must tell them apart: rename one of them")
