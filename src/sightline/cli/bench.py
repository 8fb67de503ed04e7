"""`sightline bench`: measure this installation on generated data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sightline.bench.figures import report_document, report_table
from sightline.bench.home import default_folder
from sightline.bench.run import SCENARIOS, Scenario, run_bench
from sightline.metrics.document import to_json


def register(app: typer.Typer) -> None:
    app.command("bench")(bench)


def bench(
    scenario: Annotated[
        Scenario | None, typer.Argument(help="What to measure. Default: everything.", show_default=False)
    ] = None,
    rows: Annotated[int, typer.Option(min=1_000, help="Generated leads.")] = 1_000_000,
    users: Annotated[int, typer.Option(min=1, max=200, help="People who read at the same time.")] = 20,
    requests: Annotated[int, typer.Option(min=5, max=100_000, help="Pages in the cached run of one person.")] = 200,
    folder: Annotated[
        Path | None, typer.Option(help="Where generated data is kept for the next run. Default: the temporary folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure dashboards, questions and imports on generated leads, beside the same SQL run directly in DuckDB."""
    progress = Console(stderr=True)
    report = run_bench(
        scenarios=(scenario,) if scenario else SCENARIOS,
        rows=rows,
        users=users,
        requests=requests,
        folder=folder or default_folder(),
        tell=lambda text: progress.print(f"· {text}", style="dim"),
    )
    if as_json:
        typer.echo(to_json(report_document(report), indent=True).decode())
    else:
        Console(width=120).print(report_table(report))
