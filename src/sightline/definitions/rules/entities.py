"""Entities and keys: what makes a join find at most one row."""

from __future__ import annotations

from collections.abc import Iterator

from sightline.definitions.book import Book, Entry
from sightline.definitions.catalog import Issue, did_you_mean


def columns_exist(book: Book) -> Iterator[Issue]:
    for entry in book.entries("dataset"):
        for name, entity in entry.value.entities.items():
            yield from book.unknown_column(entry, ("entities", name, "column"), entry.value, entity.column)
            if entity.label:
                yield from book.unknown_column(entry, ("entities", name, "label"), entry.value, entity.label)


def one_primary(book: Book) -> Iterator[Issue]:
    for entry in book.entries("dataset"):
        primaries = [name for name, entity in entry.value.entities.items() if entity.type == "primary"]
        for name in primaries[1:]:
            message = f'"{primaries[0]}" is the primary entity already'
            yield entry.issue(
                ("entities", name), message, "PACK-E025", "a row is about one thing; make the others foreign"
            )
        if entry.value.append_only and entry.value.key_columns:
            message = "a dataset that is append_only has no key"
            yield entry.issue(("append_only",), message, "PACK-E025", "leave one of the two out")
        if not entry.value.key_columns and not entry.value.append_only:
            hint = "declare a primary entity or list the columns of a row's key under key; or say append_only: true"
            yield entry.issue((), "the dataset has no key, so no row can be merged or corrected", "PACK-E025", hint)


def one_home(book: Book) -> Iterator[Issue]:
    homes: dict[str, list[Entry]] = {}
    for entry in book.entries("dataset"):
        if entry.value.primary:
            homes.setdefault(entry.value.primary[0], []).append(entry)
    for name, entries in homes.items():
        for entry in entries[1:]:
            message = f'entity "{name}" is primary in {entries[0].title} already'
            yield entry.issue(("entities", name), message, "PACK-E023", f"see {entries[0].location}; make one foreign")
    for entry in book.entries("dataset"):
        for name, entity in entry.value.entities.items():
            if entity.type == "foreign" and not entity.standalone and name not in homes and not book.broken("dataset"):
                message = f'no dataset has "{name}" as its primary entity'
                yield entry.issue(("entities", name), message, "PACK-E022", did_you_mean(name, homes))


def key_is_primary(book: Book) -> Iterator[Issue]:
    """A join matches the primary entity's column: it must identify one row."""
    for entry in book.entries("dataset"):
        primary = entry.value.primary
        if primary and entry.value.key and list(entry.value.key) != [primary[1].column]:
            message = f"the key is {', '.join(entry.value.key)}, but the primary entity is {primary[1].column}"
            hint = f'leave key out, or make "{primary[0]}" foreign: a join would multiply rows'
            yield entry.issue(("key",), message, "PACK-E024", hint)
