"""`sightline backup`: a workspace in one file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sightline.accounts.access import operator_access
from sightline.cli.context import WorkspaceOption, the_workspace
from sightline.jobs.backup.write import back_up
from sightline.jobs.upgrade import upgrade


def register(app: typer.Typer) -> None:
    app.command("backup")(backup)


def backup(
    file: Annotated[
        Path | None,
        typer.Argument(help="Where to. Default: <workspace>-<time>.sightline.tar.gz here.", metavar="FILE"),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write a workspace into one file: settings, definitions, all published rows, people, sources, history.

    It may run while everything goes on. Secrets of sources stay sealed: they open with this installation's secret_key.
    """
    folder, now = the_workspace(workspace), datetime.now(UTC)
    upgrade(home=folder.path.parents[1])
    target = file or Path(f"{folder.name}-{now:%Y%m%dT%H%M%SZ}.sightline.tar.gz")
    done = back_up(access=operator_access(folder), target=target, now=now)
    print(
        f"{done.path}: {done.files:,} files, {done.rows:,} rows of snapshot {done.snapshot}, {done.bytes / 1e6:.1f} MB"
    )
    print(f"SHA-256 {done.digest}")
