"""`sightline init`."""

from __future__ import annotations

from typing import Annotated

import typer

from sightline.cli.launch import home_path, run_command
from sightline.home import Home


def register(app: typer.Typer) -> None:
    app.command("init")(init)


def init(
    workspace: Annotated[str, typer.Option(help="Name of the workspace.", metavar="NAME")] = "main",
    pack: Annotated[
        list[str] | None, typer.Option(help="A shipped pack, or a folder. Repeatable.", metavar="NAME_OR_PATH")
    ] = None,
    label: Annotated[str, typer.Option(help="What people call the workspace.")] = "",
    zone: Annotated[str, typer.Option(help="The time zone in which its days begin.")] = "UTC",
) -> None:
    """Make a home folder and a workspace in it."""
    home = Home.create(home_path())
    folder = home.create_workspace(workspace, packs=pack or ["programs"], label=label, zone=zone)
    run_command("upgrade")
    print(f'Made workspace "{workspace}" in {home.path} with {len(folder.catalog.metrics)} metrics.')
    roles = ", ".join(sorted(folder.catalog.roles))
    place = f"sightline --home {home.path}"
    if roles:
        print(f"Next: {place} user add YOU@EXAMPLE.ORG --role ROLE   (roles: {roles})")
    print(f"      {place} import DATASET FILE\n      {place} serve")
