"""`sightline export`: definitions as files of other tools."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from sightline.cli.context import WorkspaceOption, the_workspace
from sightline.cli.launch import serve_options
from sightline.exports.files import ExportContext, write_files
from sightline.exports.kinds import KINDS, kind_named


def register(app: typer.Typer) -> None:
    app.command("export")(export)


def export(
    kind: Annotated[str, typer.Argument(help=f"{', '.join(KINDS)}.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The folder to write into, for ossie the file. Default: named by the kind."),
    ] = None,
    workspace: WorkspaceOption = None,
    url: Annotated[
        str, typer.Option("--url", help="Where Prometheus and people reach Sightline. Default: the option url.")
    ] = "",
    prometheus: Annotated[
        str, typer.Option("--prometheus", help="Where Grafana reaches Prometheus.", metavar="URL")
    ] = "http://localhost:9090",
) -> None:
    """Write the definitions of a workspace for another tool."""
    made = kind_named(kind)
    folder = the_workspace(workspace)
    reached = url or serve_options("localhost", 8000).url or "http://localhost:8000"
    files = made.files(ExportContext(folder.catalog, reached, prometheus))
    place = out or Path(f"sightline-{kind}")
    if made.one_file and out is not None:
        place, files = out.parent, (replace(files[0], path=out.name),)
    for path in write_files(files, place):
        typer.echo(f"wrote {path}")
