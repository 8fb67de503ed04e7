"""Patterns of file names: `*` and `?` stay within a folder, `**` stands for any number of folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

WILD = ("*", "?", "[")
DEEPEST = 20


@dataclass(frozen=True)
class Entry:
    """What a folder holds: a file or a folder, with its path below the place's own folder, and a file's size and stamp.

    A stamp changes when the file does.
    """

    name: str
    is_folder: bool = False
    size: int = 0
    stamp: str = ""


def problem_of(pattern: str) -> str:
    """Return why a pattern is not allowed; empty when it is."""
    parts = pattern.split("/")
    if pattern.startswith("/") or "\\" in pattern or "\0" in pattern:
        return "a pattern is relative, with / between folders"
    if any(part in ("", ".", "..") for part in parts):
        return "a pattern has no empty part and does not lead out of its folder"
    if any("**" in part and part != "**" for part in parts) or parts[-1] == "**":
        return "`**` stands alone for folders, and a file's name follows"
    return ""


def fixed_folder(pattern: str) -> str:
    """Return the beginning of a pattern that is the same in all its names: whole folders, ending in /, or empty."""
    fixed = []
    for part in pattern.split("/")[:-1]:
        if any(sign in part for sign in WILD):
            break
        fixed.append(part)
    return "".join(f"{part}/" for part in fixed)


def matches(name: str, pattern: str) -> bool:
    """Return whether a file's path fits a pattern."""
    return _fits(name.split("/"), pattern.split("/"))


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_fits(parts[skipped:], pattern[1:]) for skipped in range(len(parts)))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])


def walk(pattern: str, entries: Callable[[str], Iterable[Entry]]) -> Iterator[Entry]:
    """Yield the files that fit a pattern. `entries` lists a folder (empty: the place's own); only folders that the
    pattern can lead into are listed."""
    found = {entry.name: entry for entry in _walk(pattern.split("/"), "", entries, DEEPEST)}
    yield from (found[name] for name in sorted(found))


def _walk(pattern: Sequence[str], folder: str, entries: Callable[[str], Iterable[Entry]], deep: int) -> Iterator[Entry]:
    first, rest = pattern[0], pattern[1:]
    if first == "**":
        yield from _walk(rest, folder, entries, deep)
    for entry in entries(folder):
        if first == "**":
            if entry.is_folder and deep:
                yield from _walk(pattern, entry.name, entries, deep - 1)
        elif fnmatchcase(entry.name.rsplit("/", 1)[-1], first):
            if rest and entry.is_folder:
                yield from _walk(rest, entry.name, entries, deep)
            elif not rest and not entry.is_folder:
                yield entry
