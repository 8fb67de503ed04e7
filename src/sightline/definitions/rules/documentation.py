"""What people read: a number nobody can look up is not trusted."""

from __future__ import annotations

from collections.abc import Iterator

from sightline.definitions.book import Book
from sightline.definitions.catalog import Issue


def metrics_are_described(book: Book) -> Iterator[Issue]:
    for entry in book.entries("metric"):
        if not entry.value.hidden and not entry.value.description:
            hint = "say in one sentence what is counted, or set hidden: true for a building block"
            yield entry.issue(
                (), "people see this metric, but it has no description", "PACK-W050", hint, level="warning"
            )
