"""`sightline import`: load a file into a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from sightline.cli.context import WorkspaceOption, the_workspace
from sightline.dashboards.formats import plural
from sightline.ingest.actions.import_file import import_file
from sightline.ingest.result import ImportResult
from sightline.ingest.staged import Progress as ImportProgress
from sightline.ingest.staged import Watcher
from sightline.jobs.upgrade import upgrade
from sightline.lake.audit import Reason
from sightline.metrics.document import to_json


def register(app: typer.Typer) -> None:
    app.command("import")(import_)


def import_(
    dataset: Annotated[str, typer.Argument(help="The dataset.", metavar="DATASET")],
    file: Annotated[
        Path, typer.Argument(help="CSV, XLSX, Parquet or JSON lines.", metavar="FILE", exists=True, dir_okay=False)
    ],
    mapping: Annotated[
        Path | None,
        typer.Option("--map", help="Which column fills which.", metavar="MAP.yaml", exists=True, dir_okay=False),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Load a file into a dataset. The same file may be imported again: nothing is added twice."""
    folder = the_workspace(workspace)
    upgrade(home=folder.path.parents[1])  # often the first command after `init` or an update
    with _watched(file.name) as watch:
        result = import_file(
            folder=folder,
            dataset=dataset,
            path=file,
            mapping=mapping,
            dry_run=dry_run,
            now=datetime.now(UTC),
            by="operator",
            progress=watch,
        )
    if as_json:
        typer.echo(to_json(result.as_dict(), indent=True).decode())
    else:
        typer.echo("\n".join(result_lines(result)))


def result_lines(result: ImportResult) -> Iterator[str]:
    """Yield what became of the rows, why some were rejected, and where to look at those."""
    would = "would be " if result.dry_run else ""
    received = plural(result.received, "row")
    yield f"{received} received, {result.accepted:,} {would}accepted, {result.rejected:,} {would}rejected"
    yield f"  {result.inserted:,} new, {result.updated:,} changed, {result.unchanged:,} as they were"
    yield from (_reason(reason, "rejected") for reason in result.reasons)
    yield from (_reason(reason, "accepted with a warning") for reason in result.warnings)
    if result.unused_columns:
        yield f"  not used: {', '.join(result.unused_columns)}"
    if result.missing_columns:
        yield f"  stay empty: {', '.join(result.missing_columns)}"
    if result.dry_run:
        yield "Nothing was written (dry run)."
    elif result.snapshot_id is not None:
        yield f"Published in snapshot {result.snapshot_id} after {result.seconds:.1f} s."
    if result.rejected and not result.dry_run:
        yield "The rejected rows are in the quarantine, with their reasons: Data, Quarantine in the browser."


def _reason(reason: Reason, outcome: str) -> str:
    example = f', for example "{reason.example}"' if reason.example else ""
    return f"  {plural(reason.count, 'row')} {outcome}: {reason.text}{example}"


@contextmanager
def _watched(name: str) -> Iterator[Watcher | None]:
    """Show a progress bar on a terminal, and nothing in a script's log."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name, total=1.0)

        def show(progress: ImportProgress) -> None:
            bar.update(
                task, completed=progress.fraction, description=f"{name}: {progress.doing}, {progress.rows:,} rows"
            )

        yield show
