"""`sightline schema`: the JSON Schemas of the definitions, for editors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sightline.definitions.json_schema import write_schemas


def register(app: typer.Typer) -> None:
    app.command("schema")(schema)


def schema(
    folder: Annotated[Path, typer.Argument(help="Where to write them.", file_okay=False)] = Path("docs/schemas"),
) -> None:
    """Write the JSON Schemas of the definitions."""
    changed = write_schemas(folder)
    for path in changed:
        typer.echo(f"wrote {path}")
    if not changed:
        typer.echo(f"{folder} is current")
