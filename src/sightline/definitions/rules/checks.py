"""The checks of a dataset: their columns, the types of these, and their entities."""

from __future__ import annotations

from collections.abc import Iterator

from sightline.definitions.book import Book
from sightline.definitions.catalog import Issue, did_you_mean
from sightline.definitions.documents import KeyPath
from sightline.definitions.rules.columns import MOMENTS, NUMBERS
from sightline.definitions.schema.dataset import (
    Accepted,
    Check,
    NoDuplicate,
    NotFuture,
    NotNegative,
    NotNull,
    References,
    StageOrder,
    Unique,
)


def columns_exist(book: Book) -> Iterator[Issue]:
    for entry in book.entries("dataset"):
        for index, check in enumerate(entry.value.checks):
            for path, column in _columns(check):
                yield from book.unknown_column(entry, ("checks", index, *path), entry.value, column)


def types_fit(book: Book) -> Iterator[Issue]:
    """Only a moment can lie in the future, only a number can be negative."""
    for entry in book.entries("dataset"):
        for index, check in enumerate(entry.value.checks):
            for path, name, allowed in _typed(check):
                column = entry.value.columns.get(name)
                if column and column.type not in allowed:
                    message = f'column "{name}" is a {column.type}'
                    hint = "this check is for columns of type " + ", ".join(allowed)
                    yield entry.issue(("checks", index, *path), message, "PACK-E019", hint)


def entities_exist(book: Book) -> Iterator[Issue]:
    for entry in book.entries("dataset"):
        foreign = [name for name, entity in entry.value.entities.items() if entity.type == "foreign"]
        for index, check in enumerate(entry.value.checks):
            if isinstance(check, References) and check.references not in foreign:
                message = f'"{check.references}" is not a foreign entity of this dataset'
                hint = did_you_mean(check.references, foreign)
                yield entry.issue(("checks", index, "references"), message, "PACK-E014", hint)
            if isinstance(check, StageOrder) and check.stage_order.entity not in entry.value.entities:
                message = f'"{check.stage_order.entity}" is not an entity of this dataset'
                hint = did_you_mean(check.stage_order.entity, entry.value.entities)
                yield entry.issue(("checks", index, "stage_order", "entity"), message, "PACK-E014", hint)


def _columns(check: Check) -> Iterator[tuple[KeyPath, str]]:
    match check:
        case Unique():
            yield from _each("unique", check.unique)
        case NotNull():
            yield from _each("not_null", check.not_null)
        case NotFuture():
            yield from _each("not_future", check.not_future)
        case NotNegative():
            yield from _each("not_negative", check.not_negative)
        case Accepted():
            yield ("accepted",), check.accepted
        case NoDuplicate():
            yield from ((("no_duplicate", *path), name) for path, name in _each("columns", check.no_duplicate.columns))
            yield ("no_duplicate", "time"), check.no_duplicate.time
        case StageOrder():
            yield ("stage_order", "stage"), check.stage_order.stage
            yield ("stage_order", "time"), check.stage_order.time


def _typed(check: Check) -> Iterator[tuple[KeyPath, str, tuple[str, ...]]]:
    match check:
        case NotFuture():
            yield from ((path, name, MOMENTS) for path, name in _each("not_future", check.not_future))
        case NotNegative():
            yield from ((path, name, NUMBERS) for path, name in _each("not_negative", check.not_negative))
        case NoDuplicate():
            yield ("no_duplicate", "time"), check.no_duplicate.time, MOMENTS
        case StageOrder():
            yield ("stage_order", "time"), check.stage_order.time, MOMENTS


def _each(key: str, named: str | list[str]) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(named, str):
        yield (key,), named
    else:
        yield from (((key, index), name) for index, name in enumerate(named))
