"""One workspace on disk: settings, definitions and lake."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path

import yaml

from sightline.definitions import loader
from sightline.definitions.catalog import Catalog, Issue, Location
from sightline.definitions.folders import find_packs, shipped_packs
from sightline.definitions.loader import Loaded, check
from sightline.definitions.schema.pack import Settings
from sightline.errors import UserError
from sightline.home.files import only_writer, replace
from sightline.lake.store import Lake

SETTINGS_FILE = "settings.yaml"
NEVER = float("-inf")


class SettingsError(UserError):
    """A workspace's settings.yaml is wrong."""

    code = "SL-E032"


class UnknownPack(UserError):
    """A pack is neither shipped nor a folder with a pack.yaml."""

    code = "SL-E033"


class WorkspaceFolder:
    """The folder of one workspace. Made by `Home.workspace`; one object per folder and process.

    `mask_key` keys the hashes that stand for personal data; it is shown nowhere.
    """

    look_again_seconds = 0.0
    """How long definitions count as current without a look at the files. The web server, which asks often, sets it."""

    def __init__(self, path: Path, *, mask_key: str) -> None:
        self.path = path
        self.mask_key = mask_key
        self.name = path.name
        self._lock = threading.Lock()
        self._seen: tuple[object, ...] = ()
        self._loaded: Loaded | None = None
        self._looked_at = NEVER

    @property
    def definitions(self) -> Path:
        """The folder of the workspace's own definitions, which override those of its packs."""
        return self.path / "definitions"

    @cached_property
    def lake(self) -> Lake:
        return Lake(self.path / "lake")

    @property
    def settings(self) -> Settings:
        """The settings as they stand on disk now."""
        return read_settings(self.path / SETTINGS_FILE)

    @property
    def catalog(self) -> Catalog:
        """The definitions as they stand on disk now: packs with the workspace's own on top."""
        return self.loaded.catalog

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What is wrong with the definitions as they stand on disk now."""
        return self.loaded.issues

    @property
    def loaded(self) -> Loaded:
        """Catalog and issues, loaded again when a definition file was added, removed or changed."""
        known = self._loaded
        if known is not None and time.monotonic() - self._looked_at < self.look_again_seconds:
            return known
        with self._lock:
            looked_at = time.monotonic()
            settings = self._loaded.catalog.settings if self._loaded else None
            if self._loaded is None or settings is None or self._seen != self._fingerprint(settings):
                # the fingerprint first: a file that changes while we load makes the next call load again
                settings = read_settings(self.path / SETTINGS_FILE)
                seen = self._fingerprint(settings)
                self._loaded, self._seen = check(self.path), seen
            self._looked_at = looked_at
            return self._loaded

    def _fingerprint(self, settings: Settings) -> tuple[object, ...]:
        """Return what changes when settings.yaml or any definition file does."""
        packs, _ = find_packs(settings.packs, relative_to=self.path, named_in=Location(SETTINGS_FILE))
        folders = [*packs, self.definitions]
        files = [f for folder in folders for inner in _folders(folder) for f in inner if f.name.endswith(".yaml")]
        own = (self.path / SETTINGS_FILE).stat()
        return (own.st_mtime_ns, own.st_size, *sorted((f.path, f.stat().st_mtime_ns, f.stat().st_size) for f in files))

    def save_settings(self, settings: Settings, *, by: str, now: datetime) -> None:
        """Write settings.yaml; the version before stays in history/."""
        with only_writer(self.path):
            self._keep(SETTINGS_FILE, now=now)
            text = f"# Saved by {' '.join(by.split())} at {now.isoformat(timespec='seconds')}\n" + _as_yaml(settings)
            replace(self.path / SETTINGS_FILE, text.encode())
            self._looked_at = NEVER  # whoever saved sees it on the next page

    def _keep(self, file: str, *, now: datetime) -> None:
        """Copy the file as it stands into history/, named by the time it was replaced."""
        source = self.path / file
        if not source.exists():
            return
        history = self.path / "history"
        history.mkdir(exist_ok=True)
        stamp, number = now.strftime("%Y%m%dT%H%M%S"), 0
        while (kept := history / f"{stamp}-{number:03d}-{file}").exists():
            number += 1
        replace(kept, source.read_bytes())

    def save_logo(self, content: bytes, *, suffix: str) -> str:
        """Write the logo; return its file name for `settings.branding.logo`."""
        folder = self.path / "branding"
        folder.mkdir(exist_ok=True)
        replace(folder / f"logo{suffix}", content)
        return f"logo{suffix}"

    @property
    def logo(self) -> Path | None:
        """The logo's file, when there is one."""
        name = self.settings.branding.logo
        file = self.path / "branding" / Path(name).name if name else None
        return file if file and file.is_file() else None


def _folders(folder: Path) -> Iterator[list[os.DirEntry[str]]]:
    """Yield the entries of a folder and of each folder in it."""
    if folder.is_dir():
        with os.scandir(folder) as found:
            entries = list(found)
        yield entries
        for entry in entries:
            if entry.is_dir():
                with os.scandir(entry) as found:
                    yield list(found)


def read_settings(file: Path) -> Settings:
    """Return the settings in a file; all its problems in one error."""
    settings, issues = loader.read_settings(file)
    if settings is None:
        raise SettingsError("\n".join(map(str, issues)), hint=f"Correct {file}.")
    return settings


def _as_yaml(settings: Settings) -> str:
    values = settings.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump({"workspace": settings.workspace, **values}, sort_keys=False, allow_unicode=True)


def pack_name(pack: str) -> str:
    """Return a pack as settings.yaml names it: a shipped one by name, a folder by its absolute path."""
    folders, issues = find_packs([pack], relative_to=Path.cwd(), named_in=Location("command line"))
    if not folders:
        raise UnknownPack("; ".join(issue.message for issue in issues), hint=issues[0].hint)
    # absolute: the server runs in another folder than the command that names the pack
    return pack if pack in shipped_packs() else str(folders[0])


def write_new(path: Path, settings: Settings) -> None:
    """Make the folder of a new workspace."""
    (path / "definitions").mkdir(parents=True)
    save_moved_settings(path, settings)


def save_moved_settings(path: Path, settings: Settings) -> None:
    """Write the settings of a folder that is no workspace yet."""
    replace(path / SETTINGS_FILE, _as_yaml(settings).encode())
