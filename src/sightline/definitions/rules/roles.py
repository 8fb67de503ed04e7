"""Roles: what their rules are about exists, and a role that may look sees something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from sightline.definitions.book import Book, Entry
from sightline.definitions.catalog import Issue, did_you_mean
from sightline.definitions.schema.dataset import PersonalData

KINDS = get_args(PersonalData)


def datasets(book: Book) -> Iterator[Issue]:
    for entry in book.entries("role"):
        for name in entry.value.rows:
            if name != "*":
                yield from book.unknown(entry, ("rows", name), "dataset", name)
        for index, name in enumerate(entry.value.enters or []):
            yield from book.unknown(entry, ("enters", index), "dataset", name)
        for index, name in enumerate(entry.value.lists):
            yield from book.unknown(entry, ("lists", index), "dataset", name)


def masks(book: Book) -> Iterator[Issue]:
    for entry in book.entries("role"):
        for key in entry.value.masks:
            if key != "*" and key not in KINDS:
                yield from _mask(book, entry, key)


def _mask(book: Book, entry: Entry, key: str) -> Iterator[Issue]:
    dataset_name, dot, column_name = key.partition(".")
    dataset = book.dataset(dataset_name)
    if not dot or (dataset is None and not book.is_known("dataset", dataset_name)):
        hint = did_you_mean(key, [*KINDS, *_masked_columns(book)])
        yield entry.issue(("masks", key), f'a mask cannot be for "{key}"', "PACK-E036", hint + " or *")
    elif dataset and column_name not in dataset.columns:
        hint = did_you_mean(key, _masked_columns(book))
        yield entry.issue(("masks", key), f'unknown column "{key}"', "PACK-E036", hint)
    elif dataset and dataset.columns[column_name].pii is None:
        hint = "declare pii on the column, so that the mask holds for it"
        message = f'"{key}" is not declared as personal data'
        yield entry.issue(("masks", key), message, "PACK-W052", hint, level="warning")


def _masked_columns(book: Book) -> list[str]:
    return [
        f"{dataset.name}.{name}"
        for dataset in book.catalog.datasets.values()
        for name, column in dataset.columns.items()
        if column.pii
    ]


def sees_something(book: Book) -> Iterator[Issue]:
    for entry in book.entries("role"):
        may_look = {"*", "view"} & set(entry.value.permissions)
        if may_look and not entry.value.rows:
            hint = 'nothing is visible without a rule: rows: {"*": all}, or one rule per dataset'
            yield entry.issue((), "the role may look but no row is visible to it", "PACK-W051", hint, level="warning")
