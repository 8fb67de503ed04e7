"""The home that events are sent to: made new for each run, with one source."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sightline.bench.load import LoadError
from sightline.home import Home, WorkspaceFolder

PACK = Path(__file__).parent / "event_pack"
WORKSPACE = "bench"
ADD_SOURCE = """
import sys, django
django.setup()
from sightline.bench.event_source import add_source
add_source(secret=sys.argv[1])
"""
"""Run in a process of its own: settings belong to one home for the whole life of a process."""


@dataclass(frozen=True)
class EventHome:
    """A home with the source `bench`, and the secret that its events are signed with."""

    path: Path
    secret: str

    def folder(self) -> WorkspaceFolder:
        """Return the workspace."""
        return Home.open(self.path).workspace(WORKSPACE)


def event_home(folder: Path) -> EventHome:
    """Return a new home in this folder."""
    path = folder / "events"
    shutil.rmtree(path, ignore_errors=True)
    Home.create(path).create_workspace(WORKSPACE, packs=[str(PACK)])
    home = EventHome(path, secrets.token_urlsafe(24))
    ran = subprocess.run(  # noqa: S603 - our own module, no shell
        [sys.executable, "-c", ADD_SOURCE, home.secret],
        env={**os.environ, "SIGHTLINE_HOME": str(path), "DJANGO_SETTINGS_MODULE": "sightline.config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise LoadError("could not make the source of the benchmark", hint=ran.stderr[-2000:])
    return home
