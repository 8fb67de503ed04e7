"""`sightline check`: every problem of the definitions in one run; with --data also tie-outs and freshness."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sightline.cli.context import WorkspaceOption, the_home, the_workspace
from sightline.definitions.built_in import BUILT_IN
from sightline.definitions.catalog import Catalog, Issue
from sightline.definitions.loader import Loaded
from sightline.definitions.loader import check as check_folder
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.home import WorkspaceFolder
from sightline.metrics.freshness import freshness
from sightline.metrics.tieouts import TieoutResult, run_tieouts
from sightline.metrics.warehouse import warehouse_of


def register(app: typer.Typer) -> None:
    app.command("check")(check)


def check(
    path: Annotated[
        Path | None,
        typer.Argument(help="A pack, a folder of packs or a workspace. Default: the home's workspaces.", exists=True),
    ] = None,
    data: Annotated[bool, typer.Option("--data", help="Also check the data: tie-outs and freshness.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Report every problem in the definitions. Exits 1 when there is one, 0 when there is none."""
    if path is not None and (data or workspace):
        raise typer.BadParameter("a folder has no data; leave out --data and --workspace", param_hint="PATH")
    if path is not None:
        problems = report(check_folder(path), name=str(path))
    else:
        problems = sum(_check_workspace(folder, data=data) for folder in _folders(workspace))
    if problems:
        raise typer.Exit(1)


def report(loaded: Loaded, *, name: str) -> int:
    """Print every issue and a summary; return the number of errors."""
    for issue in loaded.issues:
        typer.echo(_shown(issue))
    errors, warnings = len(loaded.errors), len(loaded.warnings)
    also = f", {counted(warnings, 'warning')}" if warnings else ""
    typer.echo(f"{name}: {counted(errors, 'problem')}{also} in {_contents(loaded.catalog)}")
    return errors


def counted(number: int, noun: str) -> str:
    """Return the number with its noun: 0 problems, 1 problem."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _shown(issue: Issue) -> str:
    return f"{issue}\n" if issue.level == "error" else f"{issue} (warning)\n"


def _contents(catalog: Catalog) -> str:
    """Return how much of each kind packs and the workspace define; what every workspace has is not counted."""
    kinds = (("dataset", catalog.datasets), ("metric", catalog.metrics), ("dashboard", catalog.dashboards))
    own = {kind: sum(catalog.pack_of.get((kind, name)) != BUILT_IN for name in members) for kind, members in kinds}
    return ", ".join(counted(number, kind) for kind, number in own.items())


def _folders(workspace: str | None) -> Sequence[WorkspaceFolder]:
    if workspace is not None:
        return [the_workspace(workspace)]
    home = the_home()
    return [home.workspace(name) for name in home.workspaces()]


def _check_workspace(folder: WorkspaceFolder, *, data: bool) -> int:
    problems = report(folder.loaded, name=f'workspace "{folder.name}"')
    if not data:
        return problems
    now = datetime.now(UTC)
    return problems + _check_tieouts(folder, now) + _check_freshness(folder, now)


def _check_tieouts(folder: WorkspaceFolder, now: datetime) -> int:
    results = run_tieouts(warehouse_of(folder), now=now)
    for result in results:
        typer.echo(_tieout(result))
    return sum(result.state != "ok" for result in results)


def _tieout(result: TieoutResult) -> str:
    """Return one line, or for a tie-out that fails the lines of a problem: where, what, how far apart."""
    if result.state == "ok":
        return f'tie-out "{result.name}": ok, {result.message}'
    place = f"{result.location}  " if result.location else ""
    apart = f" (allowed difference {result.tolerance:g})" if result.state == "differs" else ""
    return f'{place}tie-out "{result.name}": {result.state}\n  {result.message}{apart}'


def _check_freshness(folder: WorkspaceFolder, now: datetime) -> int:
    warehouse = warehouse_of(folder)
    states = freshness(
        sorted(folder.catalog.filled),
        SYSTEM_VIEWER,
        warehouse=warehouse,
        snapshot=warehouse.lake.snapshot(),
        now=now,
    )
    for source in states:
        through = f"data to {source.data_through:%Y-%m-%d %H:%M} UTC" if source.data_through else "no dated rows"
        typer.echo(f'dataset "{source.dataset}": {counted(source.rows, "row")}, {through}, {source.state}')
    return sum(source.state == "stale" for source in states)
