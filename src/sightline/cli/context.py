"""What every command needs first: the home, the workspace, an up-to-date database."""

from __future__ import annotations

from typing import Annotated

import typer

from sightline.cli.launch import home_path
from sightline.home import Home, WorkspaceFolder

WorkspaceOption = Annotated[
    str | None, typer.Option("--workspace", "-w", help="The workspace; needed when there are several.", metavar="NAME")
]


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
