"""What every command needs first: the home, the workspace, an up-to-date database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from sightline.home import Home, WorkspaceFolder

WorkspaceOption = Annotated[
    str | None, typer.Option("--workspace", "-w", help="The workspace; needed when there are several.", metavar="NAME")
]


def home_path() -> Path:
    """Return where the home is or would be (see main: it is chosen before any command runs)."""
    return Path(os.environ["SIGHTLINE_HOME"])


def the_home() -> Home:
    """Return the home, or raise HomeError, which says how to make one."""
    return Home.open(home_path())


def the_workspace(name: str | None) -> WorkspaceFolder:
    """Return the workspace named, or the only one."""
    home = the_home()
    names = home.workspaces()
    if name is None and len(names) != 1:
        having = f"there are several: {', '.join(names)}" if names else 'there is none: "sightline init" makes one'
        raise typer.BadParameter(f"name a workspace; {having}", param_hint="--workspace")
    return home.workspace(name or names[0])


def run_command(*arguments: str) -> None:
    """Run another command of ours in its own process, so that what it loads is not kept; stop when it fails."""
    done = subprocess.run([sys.executable, "-m", "sightline.cli.main", *arguments], check=False)  # noqa: S603 (our own)
    if done.returncode:
        raise typer.Exit(done.returncode)
