"""What dashboards and packs name outside their panels: variables, entities, other dashboards, files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from sightline.definitions.book import Book, Entry
from sightline.definitions.catalog import Issue, did_you_mean
from sightline.definitions.documents import KeyPath
from sightline.definitions.panels import panel_dashboards
from sightline.definitions.schema.dashboard import Variable


def names_exist(book: Book) -> Iterator[Issue]:
    for entry in book.entries("dashboard"):
        for index, variable in enumerate(entry.value.variables):
            is_long = isinstance(variable, Variable)
            name = variable.dimension if is_long else variable
            path = ("variables", index, "dimension") if is_long else ("variables", index)
            yield from _dimension_somewhere(book, entry, path, name)
        for index, panel in enumerate(entry.value.panels):
            for where, name in panel_dashboards(panel):
                yield from book.unknown(entry, ("panels", index, *where), "dashboard", name)
        entities = {dataset.primary[0] for dataset in book.catalog.datasets.values() if dataset.primary}
        if entry.value.entity and entry.value.entity not in entities and not book.broken("dataset"):
            message = f'no dataset has "{entry.value.entity}" as its primary entity'
            yield entry.issue(("entity",), message, "PACK-E014", did_you_mean(entry.value.entity, entities))


def distribution(book: Book) -> Iterator[Issue]:
    for entry in book.entries("dashboard"):
        for index, name in enumerate(entry.value.distribution):
            yield from book.unknown(entry, ("distribution", index), "role", name)


def pack_files(book: Book) -> Iterator[Issue]:
    for entry in book.entries("pack"):
        if entry.value.home:
            yield from book.unknown(entry, ("home",), "dashboard", entry.value.home)
        sample = entry.value.sample
        # A bare file name only: the generator is run, so it must be the pack's own.
        if sample and entry.folder and (PurePath(sample).name != sample or not (entry.folder / sample).is_file()):
            message = f'there is no file "{sample}" in the pack'
            present = (path.name for path in entry.folder.iterdir() if path.is_file())
            yield entry.issue(("sample",), message, "PACK-E042", did_you_mean(sample, present))


def _dimension_somewhere(book: Book, entry: Entry, path: KeyPath, name: str) -> Iterator[Issue]:
    if book.broken("dataset"):
        return
    reached = {each for dataset in book.catalog.datasets for each in book.joins.dimensions(dataset)}
    if name not in reached:
        hint = did_you_mean(name, (each for each in reached if "__" not in each))
        yield entry.issue(path, f'no dataset has a dimension "{name}"', "PACK-E013", hint)
