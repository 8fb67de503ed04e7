"""Pages of the files that are new or changed, in the order of their names."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sightline.sources.base import Cursor, Page, Record, SourceError
from sightline.sources.files.formats import UnreadableFile
from sightline.sources.files.pattern import Entry
from sightline.sources.files.place import Place
from sightline.sources.files.rows import Rows


class UnreadableFiles(SourceError):
    """Some files of a source cannot be read. All others were."""

    code = "SL-E331"


@dataclass(frozen=True)
class Position:
    """Where reading goes on: files that are done with their stamps, and how far the file was read that is not."""

    done: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    stamp: str = ""
    row: int = 0

    @classmethod
    def of(cls, cursor: Cursor | None) -> Position:
        """Return the position that a kept cursor names."""
        known = cursor or {}
        return cls(known.get("done", {}), known.get("file", ""), known.get("stamp", ""), known.get("row", 0))

    def cursor(self) -> Cursor:
        """Return the position as plain JSON values."""
        if not self.file:
            return {"done": dict(self.done)}
        return {"done": dict(self.done), "file": self.file, "stamp": self.stamp, "row": self.row}

    def rows_read(self, entry: Entry) -> int:
        """Return how many rows of a file were read, when it has not changed since."""
        return self.row if (self.file, self.stamp) == (entry.name, entry.stamp) else 0


class Files:
    """The files of a place on this machine: fetched when needed, the last one kept."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._folder = TemporaryDirectory(prefix="sightline-files-")
        self._held: tuple[Entry, Path] | None = None

    def local(self, entry: Entry, suffix: str = "") -> Path:
        """Return where a file is on this machine. `suffix` is added to a name that does not tell the file's format."""
        if self._held is None or self._held[0] != entry:
            self._clear()
            path = self.place.fetch(entry, Path(self._folder.name))
            if suffix and path.parent == Path(self._folder.name):
                path = path.rename(path.with_name(path.name + suffix))
            self._held = (entry, path)
        return self._held[1]

    def close(self) -> None:
        self._folder.cleanup()
        self.place.close()

    def _clear(self) -> None:
        self._held = None
        for path in Path(self._folder.name).iterdir():
            with suppress(FileNotFoundError):
                path.unlink()


@dataclass(frozen=True)
class Reader:
    """Reads the files of one stream."""

    files: Files
    rows: Rows
    page_rows: int
    suffix: str = ""

    def pages(self, entries: Sequence[Entry], position: Position) -> Iterator[Page]:
        """Yield the rows of what is new or changed. Raises UnreadableFiles at the end, after all other files."""
        names = {entry.name for entry in entries}
        done = {name: stamp for name, stamp in position.done.items() if name in names}
        broken: list[UnreadableFile] = []
        for entry in entries:
            if done.get(entry.name) == entry.stamp:
                continue
            try:
                yield from self._pages_of(entry, position.rows_read(entry), done)
            except UnreadableFile as error:
                broken.append(error)
        if broken:
            told = "; ".join(error.text for error in broken[:5]) + ("; …" if len(broken) > 5 else "")
            message = f"{len(broken)} of {len(entries)} files cannot be read: {told}"
            raise UnreadableFiles(message, hint="All others were read. Put them right, and the next sync reads them.")

    def _pages_of(self, entry: Entry, row: int, done: dict[str, str]) -> Iterator[Page]:
        rows = itertools.islice(self.rows(self.files.local(entry, self.suffix), entry.name), row, None)
        part = self._part(rows)
        while True:
            following, row = self._part(rows), row + len(part)
            if not following:
                break
            yield Page(part, Position(dict(done), entry.name, entry.stamp, row).cursor())
            part = following
        done[entry.name] = entry.stamp
        yield Page(part, Position(done).cursor())

    def _part(self, rows: Iterator[Record]) -> list[Record]:
        return list(itertools.islice(rows, self.page_rows))
