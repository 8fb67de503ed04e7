"""One workspace on disk: settings, definitions and lake."""

from __future__ import annotations

import threading
from datetime import datetime
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import ValidationError

from sightline.definitions.catalog import Catalog, Issue, did_you_mean
from sightline.definitions.loader import Loaded, load, shipped_pack
from sightline.definitions.schema.pack import Settings
from sightline.errors import UserError
from sightline.home.files import only_writer, replace
from sightline.lake.store import Lake

PACKS = Path(__file__).parent.parent / "packs"
DEFINITION_FILES = ("*.yaml", "*/*.yaml")


class SettingsError(UserError):
    """A workspace's settings.yaml is wrong."""

    code = "SL-E032"


class UnknownPack(UserError):
    """A pack is neither shipped nor a folder with a pack.yaml."""

    code = "SL-E033"


class WorkspaceFolder:
    """The folder of one workspace. Made by `Home.workspace`; one object per folder and process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self._lock = threading.Lock()
        self._seen: tuple[object, ...] = ()
        self._loaded: Loaded | None = None

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
        return read_settings(self.path / "settings.yaml")

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
        with self._lock:
            settings_file = self.path / "settings.yaml"
            if self._loaded is None or self._seen != self._fingerprint(self._loaded.catalog.settings):
                settings = read_settings(settings_file)
                seen = self._fingerprint(settings)
                self._loaded = load(
                    settings=settings,
                    packs=[pack_folder(pack) for pack in settings.packs],
                    overrides=self.definitions if self.definitions.is_dir() else None,
                )
                self._seen = seen
            return self._loaded

    def _fingerprint(self, settings: Settings) -> tuple[object, ...]:
        """Return what changes when settings.yaml or any definition file does."""
        folders = [*(pack_folder(pack) for pack in settings.packs), self.definitions]
        files = [self.path / "settings.yaml", *(f for folder in folders for glob in DEFINITION_FILES for f in folder.glob(glob))]
        return tuple(sorted((str(file), status.st_mtime_ns, status.st_size) for file in files for status in [file.stat()]))

    def save_settings(self, settings: Settings, *, by: str, now: datetime) -> None:
        """Write settings.yaml; the version before stays in history/."""
        with only_writer(self.path):
            self._keep("settings.yaml", now=now)
            text = f"# Saved by {' '.join(by.split())} at {now.isoformat(timespec='seconds')}\n" + _as_yaml(settings)
            replace(self.path / "settings.yaml", text.encode())

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


def read_settings(file: Path) -> Settings:
    """Return the settings in a file; every problem in one error."""
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        return Settings.model_validate(values)
    except yaml.YAMLError as error:
        raise SettingsError(f"{file}: not valid YAML: {error}") from error
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, e['loc']))}: {e['msg']} (seen: {e['input']!r})" for e in error.errors())
        raise SettingsError(f"{file}: " + "; ".join(problems), hint="Correct the file; docs/schema has its schema.") from error


def _as_yaml(settings: Settings) -> str:
    values = settings.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump({"workspace": settings.workspace, **values}, sort_keys=False, allow_unicode=True)


def pack_folder(pack: str) -> Path:
    """Return the folder of a pack given by name or by path."""
    folder = shipped_pack(pack) or (Path(pack).expanduser() if "/" in pack or Path(pack).is_dir() else None)
    if folder is None or not (folder / "pack.yaml").is_file():
        shipped = [path.parent.name for path in PACKS.glob("*/pack.yaml")]
        raise UnknownPack(
            f'unknown pack "{pack}": neither a shipped pack nor a folder with a pack.yaml',
            hint=f"For a shipped pack: {did_you_mean(pack, shipped)}",
        )
    return folder


def write_new(path: Path, settings: Settings) -> None:
    """Make the folder of a new workspace."""
    (path / "definitions").mkdir(parents=True)
    replace(path / "settings.yaml", _as_yaml(settings).encode())
