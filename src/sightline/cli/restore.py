"""`sightline restore`: a workspace back from its backup."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sightline.cli.launch import home_path
from sightline.home import Home
from sightline.jobs.backup.restore import restore as restore_backup
from sightline.jobs.upgrade import upgrade


def register(app: typer.Typer) -> None:
    app.command("restore")(restore)


def restore(
    file: Annotated[Path, typer.Argument(help="The backup.", metavar="FILE", exists=True, dir_okay=False)],
    workspace: Annotated[
        str | None, typer.Option("--workspace", "-w", help="Its name here. Default: as it was.", metavar="NAME")
    ] = None,
) -> None:
    """Bring a workspace back, into this home (made when there is none). Every file's hash is checked before."""
    home = Home.create(home_path())
    upgrade(home=home.path)
    done = restore_backup(home=home, source=file, workspace=workspace, by="operator", now=datetime.now(UTC))
    print(f"Workspace {done.workspace}: {done.files:,} files verified, {done.rows:,} rows in snapshot {done.snapshot}")
    print(f"{done.database_rows:,} rows of people, sources and history; SHA-256 {done.digest}")
