"""Folders of definitions: shipped packs, packs by path, a workspace's own. Which file holds which kind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import sightline
from sightline.definitions.built_in import BUILT_IN
from sightline.definitions.catalog import Issue, Location, did_you_mean
from sightline.definitions.documents import Document, read_document
from sightline.definitions.kinds import KINDS, SETTINGS, Kind

SHIPPED = Path(sightline.__file__).parent / "packs"
BUILT_IN_FOLDER = SHIPPED / BUILT_IN
"""No pack: it has no pack.yaml, and every workspace has what is in it."""


@dataclass(frozen=True)
class SourceFile:
    """One definition file. One that cannot be read has no data, but the names that its text seems to define."""

    kind: Kind
    document: Document
    lost: tuple[str, ...] | None = None


def shipped_packs() -> list[str]:
    """Return the names of the packs that come with Sightline."""
    return sorted(path.parent.name for path in SHIPPED.glob("*/pack.yaml"))


def shipped_pack(name: str) -> Path | None:
    """Return the folder of a pack that comes with Sightline, None when there is none of that name."""
    return SHIPPED / name if name in shipped_packs() else None


def find_packs(names: Iterable[str], *, relative_to: Path, named_in: Location) -> tuple[list[Path], list[Issue]]:
    """Return the folders of packs given by shipped name or by path, and an issue for each that is not there."""
    folders: list[Path] = []
    issues: list[Issue] = []
    for name in names:
        folder = shipped_pack(name) or (relative_to / name).resolve()
        if (folder / "pack.yaml").is_file():
            folders.append(folder)
        else:
            hint = did_you_mean(name, shipped_packs()) + " or a folder that holds pack.yaml"
            issues.append(Issue(named_in, "settings › packs", f'there is no pack "{name}"', "PACK-E008", hint))
    return folders, issues


def read_folder(folder: Path, *, is_pack: bool) -> tuple[list[SourceFile], list[Issue]]:
    """Return the files of a pack or of a workspace's own definitions, and what is wrong with them as files."""
    files: list[SourceFile] = []
    issues = list(_strays(folder))
    if is_pack and not (folder / "pack.yaml").is_file():
        issues.append(
            Issue(Location(shown(folder, folder)), "pack", "pack.yaml is missing", "PACK-E008", "a pack starts with it")
        )
    for kind in KINDS.values():
        if kind.name == "pack" and not is_pack:
            continue
        for path in _paths(folder, kind):
            document, problems = read_document(path, shown=shown(path, folder))
            issues += problems
            if document is None:
                files.append(SourceFile(kind, Document(shown(path, folder)), _lost_names(path, kind)))
            else:
                files.append(SourceFile(kind, document))
    return files, issues


def shown(path: Path, folder: Path) -> str:
    """Return a path as people see it: from the folder's name on."""
    return path.relative_to(folder.parent).as_posix()


def _paths(folder: Path, kind: Kind) -> list[Path]:
    if kind.is_folder:
        return sorted((folder / kind.place).glob("*.yaml"))
    path = folder / kind.place
    return [path] if path.is_file() else []


def _lost_names(path: Path, kind: Kind) -> tuple[str, ...]:
    """Return what a broken file probably defines: its names are not to be reported as unknown where they are used."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return (path.stem,)
    if kind.name_key:
        return (path.stem, *re.findall(rf"^{kind.name_key}: *['\"]?(\w+)", text, re.MULTILINE))
    return tuple(dict.fromkeys(re.findall(r"^\s+(\w+):", text, re.MULTILINE)))


def _strays(folder: Path) -> Iterable[Issue]:
    """Yield a warning for each file that looks like a definition but stands where none is read."""
    places = {kind.place.rstrip("/") for kind in KINDS.values()}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        hint = did_you_mean(path.name, places)
        is_likely = path.is_dir() or path.suffix in (".yaml", ".yml")
        if path.name not in {*places, SETTINGS.place} and is_likely and hint.startswith("did you mean"):
            yield _stray(path, folder, hint)
    for kind in KINDS.values():
        for path in sorted((folder / kind.place).glob("*.yml")) if kind.is_folder else []:
            yield _stray(path, folder, f'did you mean "{path.stem}.yaml"?')


def _stray(path: Path, folder: Path, hint: str) -> Issue:
    return Issue(Location(shown(path, folder)), "file", "nothing here is read", "PACK-W009", hint, level="warning")
