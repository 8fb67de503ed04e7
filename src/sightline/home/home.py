"""The home folder."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Sequence
from pathlib import Path

from sightline.definitions.catalog import UnknownName
from sightline.definitions.schema.pack import Settings
from sightline.errors import UserError
from sightline.home.files import only_writer, replace
from sightline.home.secret import key_for, secret_of
from sightline.home.workspace import WorkspaceFolder, pack_name, write_new

NAME = re.compile(r"^[a-z][a-z0-9_]{0,62}$")

_opened: dict[Path, Home] = {}
_opening = threading.Lock()


class HomeError(UserError):
    """There is no home folder where one was expected."""

    code = "SL-E034"


class NameTaken(UserError):
    """A workspace of this name exists."""

    code = "SL-E035"


class Home:
    """One installation's folder. `Home.open` gives the same object for the same folder, so caches are shared."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._workspaces: dict[str, WorkspaceFolder] = {}
        self._secret = secret_of(path)

    @staticmethod
    def exists(path: Path) -> bool:
        return (path / "config.toml").is_file()

    @staticmethod
    def open(path: Path) -> Home:
        """Return the home at this path; an error says how to make one when there is none."""
        if not Home.exists(path):
            raise HomeError(
                f"{path}: no home folder here (it has no config.toml)",
                hint='"sightline init" makes one; "sightline demo" makes one with sample data; --home names another.',
            )
        with _opening:
            known = _opened.get(path.absolute())
            if known is None:
                known = _opened[path.absolute()] = Home(path.absolute())
            return known

    @staticmethod
    def create(path: Path) -> Home:
        """Make a home, or return the one that is there."""
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with only_writer(path):
            for folder in ("workspaces", "mail", "uploads"):
                (path / folder).mkdir(exist_ok=True, mode=0o700)
            if not Home.exists(path):
                key = secrets.token_urlsafe(48)
                text = f'# Options of this installation: see docs/settings.md\nsecret_key = "{key}"\n'
                replace(path / "config.toml", text.encode(), mode=0o600)
        return Home.open(path)

    def workspaces(self) -> list[str]:
        """Return the names of the workspaces, sorted."""
        return sorted(file.parent.name for file in (self.path / "workspaces").glob("*/settings.yaml"))

    def workspace(self, name: str) -> WorkspaceFolder:
        """Return the workspace of this name."""
        folder = self.path / "workspaces" / name
        # the name comes from an address bar: it must not leave the folder
        if not NAME.match(name) or not (folder / "settings.yaml").is_file():
            raise UnknownName("workspace", name, self.workspaces())
        known = self._workspaces.get(name)
        if known is None:
            key = key_for(secret=self._secret, purpose="mask", workspace=name)
            known = self._workspaces.setdefault(name, WorkspaceFolder(folder, mask_key=key))
        return known

    def create_workspace(
        self, name: str, *, packs: Sequence[str], label: str = "", zone: str = "UTC"
    ) -> WorkspaceFolder:
        """Make a workspace with these packs (names of shipped ones, or folders)."""
        known = [pack_name(pack) for pack in packs]
        if not NAME.match(name):
            raise UserError(f'"{name}" cannot name a workspace', hint="Use lower-case letters, digits and underscores.")
        folder = self.path / "workspaces" / name
        with only_writer(self.path):
            if folder.exists():
                raise NameTaken(f'there is a workspace "{name}" already', hint="Choose another name.")
            write_new(folder, Settings(workspace=name, label=label, packs=known, zone=zone))
        return self.workspace(name)
