"""A place that holds files: the protocol."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from sightline.sources.base import SourceError
from sightline.sources.files.pattern import Entry

MEGABYTE = 1_000_000


class FileTooLarge(SourceError):
    """A file is larger than the settings allow to fetch."""

    code = "SL-E332"


class Place(Protocol):
    """Where files are. Methods raise SourceError, or SourceUnavailable when later may help."""

    name: str
    """What is reached, in words."""

    def find(self, pattern: str) -> Sequence[Entry]:
        """Return the files that fit a pattern, by name."""
        ...

    def fetch(self, entry: Entry, into: Path) -> Path:
        """Return where the file is on this machine: where it always was, or in a folder given for it."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...


def require_small(entry: Entry, *, largest_mb: int) -> None:
    """Raise FileTooLarge."""
    if entry.size > largest_mb * MEGABYTE:
        raise FileTooLarge(
            f'"{entry.name}" has {entry.size / MEGABYTE:,.0f} MB; at most {largest_mb:,} MB are fetched',
            hint='Split the file, or raise "largest_mb".',
        )


def local_name(entry: Entry) -> str:
    """Return the last part of a file's name."""
    return entry.name.rsplit("/", 1)[-1].replace("\0", "") or "file"
