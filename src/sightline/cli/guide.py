"""`sightline guide`: the guides of a workspace or a pack, as Markdown files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sightline.cli.context import WorkspaceOption, the_workspace
from sightline.definitions.catalog import Catalog, Location
from sightline.definitions.folders import find_packs
from sightline.definitions.loader import load
from sightline.definitions.policy import SYSTEM
from sightline.definitions.schema.pack import Settings
from sightline.errors import NotFound
from sightline.exports.files import ExportFile, write_files
from sightline.guides.kinds import GUIDES, Reader
from sightline.guides.markdown import markdown


def register(app: typer.Typer) -> None:
    app.command("guide")(guide)


def guide(
    pack: Annotated[
        str, typer.Option("--pack", help="A shipped pack or a folder, instead of a workspace.", metavar="NAME")
    ] = "",
    out: Annotated[
        Path, typer.Option("--out", help="The folder to write into. Default: guides.", metavar="DIR")
    ] = Path("guides"),
    workspace: WorkspaceOption = None,
) -> None:
    """Write the metric guide, quick reference, benchmark sheet, review calendar and guide by role."""
    if pack and workspace:
        raise typer.BadParameter("name a pack or a workspace, not both", param_hint="--pack")
    catalog = _catalog_of(pack) if pack else the_workspace(workspace).catalog
    reader = Reader(catalog, SYSTEM, tuple(catalog.roles))
    files = tuple(ExportFile(f"{name}.md", markdown(kind.make(reader))) for name, kind in GUIDES.items())
    for path in write_files(files, out):
        typer.echo(f"wrote {path}")


def _catalog_of(pack: str) -> Catalog:
    folders, issues = find_packs([pack], relative_to=Path.cwd(), named_in=Location("command line"))
    if not folders:
        raise NotFound(issues[0].message, hint=issues[0].hint)
    return load(settings=Settings(workspace="guide"), packs=folders, overrides=None).catalog
