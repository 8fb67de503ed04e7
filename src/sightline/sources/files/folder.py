"""Files in a folder of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from sightline.sources.base import SourceError, Surroundings
from sightline.sources.files.config import PlaceConfig
from sightline.sources.files.pattern import Entry, walk
from sightline.sources.folders import allowed_path


class Folder:
    """A folder. Links are followed to files inside of it only; links to folders are not followed."""

    def __init__(self, config: PlaceConfig, surroundings: Surroundings) -> None:
        self._given, self._folders = config.folder, surroundings.folders
        self.name = f'folder "{config.folder}"'

    def find(self, pattern: str) -> Sequence[Entry]:
        root = self._root()
        found = list(walk(pattern, lambda folder: self._entries(root, folder)))
        for entry in found:
            allowed_path(root / entry.name, (root,))
        return found

    def fetch(self, entry: Entry, into: Path) -> Path:  # noqa: ARG002 - the file is here already
        root = self._root()
        return allowed_path(root / entry.name, (root,))

    def close(self) -> None:
        """Nothing is open."""

    def _root(self) -> Path:
        root = allowed_path(self._given, self._folders)
        if not root.is_dir():
            raise SourceError(f'there is no folder "{self._given}"')
        return root

    def _entries(self, root: Path, folder: str) -> Iterator[Entry]:
        with os.scandir(root / folder) as found:
            for each in found:
                name = f"{folder}/{each.name}" if folder else each.name
                if each.is_file():
                    state = each.stat()
                    yield Entry(name, size=state.st_size, stamp=f"{state.st_size}-{state.st_mtime_ns}")
                elif each.is_dir(follow_symlinks=False):
                    yield Entry(name, is_folder=True)
