"""Files that an export makes, and what making them needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from sightline.definitions.catalog import Catalog
from sightline.definitions.dimensions import Joins
from sightline.errors import UserError


class CannotWrite(UserError):
    """The files of an export cannot be written where they should go."""

    code = "SL-E401"


class NothingToExport(UserError):
    """The workspace has nothing of the kind that is exported."""

    code = "SL-E402"


@dataclass(frozen=True)
class ExportFile:
    """One file: its path below the folder of the export, and its text."""

    path: str
    text: str


@dataclass(frozen=True)
class ExportContext:
    """The workspace, and where things are: `url` is Sightline's, `prometheus` the server's as Grafana reaches it."""

    catalog: Catalog
    url: str = "http://localhost:8000"
    prometheus: str = "http://localhost:9090"

    @property
    def workspace(self) -> str:
        return self.catalog.settings.workspace

    @cached_property
    def joins(self) -> Joins:
        return Joins.of(self.catalog)


def yaml_text(document: Any, *, about: str) -> str:
    """Return the document as YAML, with a line at its head that says what it is."""
    head = "".join(f"# {line}\n" for line in about.splitlines())
    return head + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)


def write_files(files: tuple[ExportFile, ...], folder: Path) -> list[Path]:
    """Write the files below the folder and return their paths. Raises CannotWrite."""
    written = []
    for each in files:
        path = folder / each.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(each.text, encoding="utf-8")
        except OSError as error:
            hint = "Choose another place with --out."
            raise CannotWrite(f"{path} cannot be written: {error.strerror}", hint=hint) from error
        written.append(path)
    return written
