"""Loads packs and a workspace's overrides into one catalog, reporting every problem in one run.

Start at `load`. A bad object is left out and reported, and hides nothing else. An override replaces the object of the
same kind and name whole; when the override is bad, the pack's own stays in force.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from sightline.definitions.book import Book, Entry
from sightline.definitions.built_in import BUILT_IN
from sightline.definitions.catalog import Catalog, Issue, Location, did_you_mean
from sightline.definitions.documents import Document, read_document
from sightline.definitions.folders import BUILT_IN_FOLDER, SourceFile, find_packs, read_folder, shipped_pack, shown
from sightline.definitions.kinds import SETTINGS, Kind
from sightline.definitions.problems import Subject, issues_of, name_hint
from sightline.definitions.role_scopes import joined_role
from sightline.definitions.rules import check_rules
from sightline.definitions.schema.base import NAME_PATTERN
from sightline.definitions.schema.dataset import Dataset
from sightline.definitions.schema.pack import Settings

__all__ = ["Loaded", "check", "load", "read_settings", "shipped_pack"]


@dataclass(frozen=True)
class Loaded:
    """A catalog of every sound definition, and all that is wrong with the others, in the order of files and lines."""

    catalog: Catalog
    issues: tuple[Issue, ...] = ()

    @property
    def errors(self) -> tuple[Issue, ...]:
        return tuple(issue for issue in self.issues if issue.level == "error")

    @property
    def warnings(self) -> tuple[Issue, ...]:
        return tuple(issue for issue in self.issues if issue.level != "error")


def load(
    *,
    settings: Settings,
    packs: Sequence[Path],
    overrides: Path | None,
    settings_file: Path | None = None,
    built_in: Path | None = None,
) -> Loaded:
    """Return the catalog of these pack folders with a workspace's own definitions on top.

    `settings_file` only says where a problem of the settings stands. `built_in` is a folder of definitions that are no
    pack's: no pack may use their names, the workspace may override them.
    """
    entries: dict[tuple[str, str], Entry] = {}
    issues: list[Issue] = []
    roles: list[Entry] = []
    if built_in is not None:
        issues += _add_overrides(built_in, entries)
        entries = {key: replace(entry, pack=BUILT_IN) for key, entry in entries.items()}
    for folder in packs:
        issues += _add_pack(folder, entries, roles)
    if len(packs) > 1:
        _join_roles(roles, entries)
    if overrides is not None and overrides.is_dir():
        issues += _add_overrides(overrides, entries)
    own = _settings_entry(settings, settings_file)
    book = Book(_catalog(settings, entries), {("settings", own.name): own, **entries})
    issues += check_rules(book)
    return Loaded(book.catalog, tuple(sorted(set(issues), key=_order)))


def check(path: Path) -> Loaded:
    """Return what is in a pack folder, a workspace folder (`settings.yaml`, `definitions/`) or a folder of packs."""
    folder = path.resolve()
    if (folder / SETTINGS.place).is_file():
        return _check_workspace(folder)
    if (folder / "pack.yaml").is_file() or not list(folder.glob("*/pack.yaml")):
        packs = [folder]
    else:
        packs = sorted(each.parent for each in folder.glob("*/pack.yaml"))
    return load(settings=Settings(workspace="check"), packs=packs, overrides=None)


def read_settings(path: Path) -> tuple[Settings | None, list[Issue]]:
    """Return a workspace's settings from its file, and what is wrong with them."""
    document, issues = read_document(path, shown=shown(path, path.parent))
    if document is None:
        return None, issues
    entry, problems = _validated(SETTINGS, _name_of(SETTINGS, document), document.data, document, ())
    return entry.value, [*issues, *problems]


def _check_workspace(folder: Path) -> Loaded:
    settings, issues = read_settings(folder / SETTINGS.place)
    if settings is None:
        return Loaded(Catalog(Settings(workspace="unknown")), tuple(issues))
    place = Location(shown(folder / SETTINGS.place, folder))
    packs, missing = find_packs(settings.packs, relative_to=folder, named_in=place)
    loaded = load(
        settings=settings,
        packs=packs,
        overrides=folder / "definitions",
        settings_file=folder / SETTINGS.place,
        built_in=BUILT_IN_FOLDER,
    )
    return replace(loaded, issues=tuple(sorted({*issues, *missing, *loaded.issues}, key=_order)))


def _order(issue: Issue) -> tuple[object, ...]:
    return issue.location.file, issue.location.line, issue.location.column, issue.code, issue.subject, issue.message


def _add_pack(folder: Path, entries: dict[tuple[str, str], Entry], roles: list[Entry]) -> list[Issue]:
    """Add what a pack defines, its sound roles to the list of all packs' roles too: a role of two packs is one role."""
    files, issues = read_folder(folder, is_pack=True)
    found, problems = _entries(files)
    issues += problems
    pack = next((entry.name for entry in found if entry.kind == "pack"), folder.name)
    for entry in sorted(found, key=lambda each: each.is_lost):
        key = (entry.kind, entry.name)
        if entry.is_lost:
            entries.setdefault(key, entry)
        elif entry.kind == "role" and entry.value is not None and key in entries and entries[key].pack != pack:
            roles.append(replace(entry, pack=pack, folder=folder))
        elif key in entries and not entries[key].is_lost:
            message = f"the name is taken by {entries[key].location}"
            issues.append(entry.issue((), message, "PACK-E007", "rename one of them, or delete it"))
        else:
            entries[key] = replace(entry, pack=pack, folder=folder)
            roles += [entries[key]] if entry.kind == "role" and entry.value is not None else []
    return issues


def _join_roles(roles: Sequence[Entry], entries: dict[tuple[str, str], Entry]) -> None:
    """Let each role speak of its own packs' datasets; the workspace's own definitions come later, and stay whole."""
    datasets: dict[str, dict[str, Dataset]] = {}
    for entry in entries.values():
        if entry.kind == "dataset" and entry.value is not None:
            datasets.setdefault(entry.pack, {})[entry.name] = entry.value
    by_name: dict[str, list[Entry]] = {}
    for entry in roles:
        by_name.setdefault(entry.name, []).append(entry)
    for name, found in by_name.items():
        joined = joined_role([(entry.value, datasets.get(entry.pack, {})) for entry in found])
        entries["role", name] = replace(found[0], value=joined)


def _add_overrides(folder: Path, entries: dict[tuple[str, str], Entry]) -> list[Issue]:
    files, issues = read_folder(folder, is_pack=False)
    found, problems = _entries(files)
    issues += problems
    own: dict[tuple[str, str], Location] = {}
    for entry in sorted(found, key=lambda each: each.is_lost):
        key = (entry.kind, entry.name)
        if entry.is_lost:
            entries.setdefault(key, entry)
            continue
        if key in own:
            issues.append(
                entry.issue((), f"the name is taken by {own[key]}", "PACK-E007", "keep one override of an object")
            )
            continue
        own[key] = entry.location
        base = entries.get(key)
        if entry.value is not None or base is None:
            entries[key] = replace(entry, pack=base.pack if base else "", folder=folder)
    return issues


def _entries(files: Iterable[SourceFile]) -> tuple[list[Entry], list[Issue]]:
    """Return an entry for each object that has a name, a bad one without a value, and all their problems."""
    entries: list[Entry] = []
    issues: list[Issue] = []
    for file in files:
        kind, document = file.kind, file.document
        if file.lost is not None:
            entries += [Entry(kind.name, name, None, document, (), is_lost=True) for name in file.lost]
            continue
        objects: dict[str, Any]
        prefix: tuple[str, ...]
        if kind.map_key is None:
            objects, prefix = {_name_of(kind, document): document.data}, ()
        else:
            objects, problems = _objects(kind, kind.map_key, document)
            issues += problems
            prefix = (kind.map_key,)
        for name, data in objects.items():
            entry, problems = _validated(kind, name, data, document, (*prefix, name) if prefix else ())
            entries.append(entry)
            issues += problems
    return entries, issues


def _objects(kind: Kind, map_key: str, document: Document) -> tuple[dict[str, Any], list[Issue]]:
    """Return the objects of a file that holds many by name."""
    subject = Subject(f"{kind.name} file", document, (), kind.file_shape, document.data)
    issues = [
        subject.issue((key,), f'unknown key "{key}"', "PACK-E003", did_you_mean(key, [map_key]))
        for key in document.data
        if key != map_key
    ]
    if map_key not in document.data:
        issues.append(subject.issue((), f'the key "{map_key}" is missing', "PACK-E004", "it holds the objects by name"))
    objects = document.data.get(map_key, {})
    if not isinstance(objects, dict):
        issues.append(
            subject.issue((map_key,), "must be keys and values", "PACK-E005", "write each object under its name")
        )
        return {}, issues
    return objects, issues


def _name_of(kind: Kind, document: Document) -> str:
    name = document.data.get(kind.name_key or "")
    return str(name) if name else PurePath(document.file).stem


def _validated(
    kind: Kind, name: str, data: Any, document: Document, prefix: tuple[str, ...]
) -> tuple[Entry, list[Issue]]:
    subject = Subject(f'{kind.name} "{name}"', document, prefix, kind.shape, data)
    value, issues = None, []
    try:
        value = kind.adapter.validate_python(data)
    except ValidationError as error:
        issues = issues_of(error, subject)
    if prefix and not re.fullmatch(NAME_PATTERN, name):
        issues.append(subject.issue((), f'"{name}" is not a name', "PACK-E005", name_hint(name)))
        value = None
    return Entry(kind.name, name, value, document, prefix), issues


def _settings_entry(settings: Settings, path: Path | None) -> Entry:
    document = Document(SETTINGS.place)
    if path is not None and path.is_file():
        document = read_document(path, shown=shown(path, path.parent))[0] or document
    return Entry("settings", settings.workspace, settings, document, ())


def _catalog(settings: Settings, entries: dict[tuple[str, str], Entry]) -> Catalog:
    sound = {key: entry for key, entry in sorted(entries.items()) if entry.value is not None}

    def of(kind: str) -> MappingProxyType[str, Any]:
        return MappingProxyType({entry.name: entry.value for entry in sound.values() if entry.kind == kind})

    packs = sorted(of("pack").values(), key=lambda pack: (pack.order, pack.pack))
    return Catalog(
        settings=settings,
        packs=tuple(packs),
        datasets=of("dataset"),
        metrics=of("metric"),
        dashboards=of("dashboard"),
        roles=of("role"),
        tieouts=of("tieout"),
        locations=MappingProxyType({key: entry.location for key, entry in sound.items()}),
        pack_of=MappingProxyType({key: entry.pack for key, entry in sound.items()}),
        digest=_digest(settings, sound),
    )


def _digest(settings: Settings, entries: dict[tuple[str, str], Entry]) -> str:
    """Return a hash of what the definitions say, whatever the files look like."""
    content = {f"{kind}/{name}": entry.value.model_dump(mode="json") for (kind, name), entry in entries.items()}
    content["settings"] = settings.model_dump(mode="json", exclude={"branding"})
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
