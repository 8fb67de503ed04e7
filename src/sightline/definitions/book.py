"""The catalog as rules read it: with the place of every field and the names of what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sightline.definitions.catalog import Catalog, Issue, Location, did_you_mean
from sightline.definitions.dimensions import Joins
from sightline.definitions.documents import Document, KeyPath, path_words
from sightline.definitions.schema.dataset import Dataset


@dataclass(frozen=True)
class Entry:
    """One object as written: where it stands, and its value (None when it is not sound).

    `is_lost` marks a name found in the text of a file that could not be read: perhaps an object, perhaps not.
    """

    kind: str
    name: str
    value: Any
    document: Document
    prefix: KeyPath
    pack: str = ""
    folder: Path | None = None
    is_lost: bool = False

    @property
    def location(self) -> Location:
        return self.document.at(self.prefix or ((self.kind,) if self.document.positions else ()))

    @property
    def title(self) -> str:
        return f'{self.kind} "{self.name}"'

    def issue(self, path: KeyPath, message: str, code: str, hint: str = "", *, level: str = "error") -> Issue:
        """Return an issue about one field of this object, placed at that field."""
        location = self.document.at((*self.prefix, *path)) if path else self.location
        words = path_words(path)
        return Issue(location, f"{self.title} › {words}" if words else self.title, message, code, hint, level)


class Book:
    """What a rule is given."""

    def __init__(self, catalog: Catalog, entries: Mapping[tuple[str, str], Entry]) -> None:
        self.catalog = catalog
        self._entries = entries

    @cached_property
    def joins(self) -> Joins:
        return Joins.of(self.catalog)

    def entries(self, kind: str) -> Iterator[Entry]:
        """Yield the sound objects of a kind."""
        return (entry for (each, _), entry in self._entries.items() if each == kind and entry.value is not None)

    def names(self, kind: str) -> set[str]:
        """Return every name of a kind, also of objects that are not sound (they have their own issue)."""
        return {name for (each, name), entry in self._entries.items() if each == kind and not entry.is_lost}

    def broken(self, kind: str) -> bool:
        """Whether an object of the kind could not be read, so that what it would have declared is missing."""
        return any(each == kind and entry.value is None for (each, _), entry in self._entries.items())

    def dataset(self, name: str) -> Dataset | None:
        """Return a sound dataset; None when there is none (a rule about references says so)."""
        return self.catalog.datasets.get(name)

    def is_known(self, kind: str, name: str) -> bool:
        return (kind, name) in self._entries

    def suggest(self, kind: str, name: str) -> str:
        """Return the nearest name of a kind and where it stands, or what is allowed."""
        names = self.names(kind)
        words = did_you_mean(name, names)
        near = next((each for each in names if words == f'did you mean "{each}"?'), None)
        return f"{words} ({self._place(kind, near)})" if near else words

    def _place(self, kind: str, name: str) -> str:
        location = self._entries[(kind, name)].location
        return f"{location.file}:{location.line}"

    def unknown(self, entry: Entry, path: KeyPath, kind: str, name: str) -> Iterable[Issue]:
        """Yield an issue when no object of the kind has that name."""
        if not self.is_known(kind, name):
            yield entry.issue(path, f'unknown {kind} "{name}"', _UNKNOWN[kind], self.suggest(kind, name))

    def unknown_column(self, entry: Entry, path: KeyPath, dataset: Dataset, name: str) -> Iterable[Issue]:
        """Yield an issue when the dataset has no such column."""
        if name not in dataset.columns:
            where = "" if entry.kind == "dataset" else f' in dataset "{dataset.name}"'
            yield entry.issue(path, f'unknown column "{name}"{where}', "PACK-E011", did_you_mean(name, dataset.columns))


_UNKNOWN = {"dataset": "PACK-E010", "metric": "PACK-E012", "dashboard": "PACK-E015", "role": "PACK-E048"}
