"""What must hold between definitions: one module per concern, each a list of functions from the book to its issues."""

from __future__ import annotations

from sightline.definitions.book import Book
from sightline.definitions.catalog import Issue


def check_rules(book: Book) -> list[Issue]:
    return []
