"""`sightline forecast`: what a metric will be, with intervals, as a table, JSON or CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from sightline.cli.context import WorkspaceOption, the_workspace
from sightline.cli.query import WIDE, viewer_of, warn_of_problems
from sightline.dashboards import dates, formats
from sightline.dashboards.forecast_words import notes_of
from sightline.dashboards.units import Unit, unit_of
from sightline.metrics.document import text_of, to_json
from sightline.metrics.forecast import MOST_PERIODS, Forecast, forecast, usual_grain, usual_periods
from sightline.metrics.forecast_document import forecast_document
from sightline.metrics.question_text import parse_question
from sightline.metrics.warehouse import warehouse_of

ENDS = ("median", "low80", "high80", "low95", "high95")


def register(app: typer.Typer) -> None:
    app.command("forecast")(forecast_command)


def forecast_command(
    metric: Annotated[str, typer.Argument(help="The metric.", metavar="METRIC")],
    periods: Annotated[
        int | None,
        typer.Option(
            min=1, max=MOST_PERIODS, help="How far. Default: 14 days, 6 weeks or months, 4 quarters, 2 years."
        ),
    ] = None,
    grain: Annotated[
        str, typer.Option(help="By day, week, month, quarter or year. Default: the metric's cadence, else month.")
    ] = "",
    by: Annotated[str, typer.Option(help="Dimensions or entities: a series per combination.", metavar="X,Y")] = "",
    where: Annotated[str, typer.Option(help="A condition: \"origin = 'social'\".")] = "",
    period: Annotated[
        str, typer.Option(help="What to learn from: last_24_months, 2024-01-01..2026-01-01. Default: the newest.")
    ] = "",
    as_user: Annotated[
        str, typer.Option("--as", help="See what this member sees. Default: everything.", metavar="USER")
    ] = "",
    workspace: WorkspaceOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Forecast a metric."""
    if as_csv and as_json:
        raise typer.BadParameter("choose --csv or --json", param_hint="--csv")
    folder = the_workspace(workspace)
    warn_of_problems(folder)
    usual = usual_grain(folder.catalog.metric(metric))
    question = parse_question(metrics=metric, by=by, grain=grain or usual, where=where, period=period)
    found = forecast(
        question,
        viewer_of(folder, as_user),
        warehouse=warehouse_of(folder),
        now=datetime.now(UTC),
        periods=usual_periods(question, periods),
    )
    if as_csv:
        typer.echo(_csv(found), nl=False)
    elif as_json:
        typer.echo(to_json(forecast_document(found), indent=True).decode())
    else:
        console = Console()
        if not console.is_terminal:
            console = Console(width=WIDE)
        console.print(_table(found, unit_of(found.unit, currency=folder.catalog.settings.currency)))


def _names(found: Forecast) -> list[str]:
    return [column.name for column in found.dimensions if column.role == "dimension"]


def _csv(found: Forecast) -> str:
    """Return a row per series and bucket at full precision; a series without a forecast has none."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*_names(found), "period", *ENDS])
    for series in found.series:
        for step in series.steps:
            values = [*series.key, step.period, *(getattr(step, end) for end in ENDS)]
            writer.writerow([text_of(value) for value in values])
    return buffer.getvalue()


def _table(found: Forecast, unit: Unit) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    label = f"{found.label} ({unit.header})" if unit.header else found.label
    groups = [column.label for column in found.dimensions if column.role == "dimension"]
    for heading in (*groups, found.grain.capitalize()):
        table.add_column(heading)
    for heading in (label, "80% low", "80% high", "95% low", "95% high"):
        table.add_column(heading, justify="right")
    for series in found.series:
        for step in series.steps:
            numbers = (formats.number(getattr(step, end), unit, bare=True) for end in ENDS)
            table.add_row(*map(Text, (*series.labels, dates.bucket(step.period, found.grain), *numbers)))
    return Group(table, Text("\n".join(_footer(found, unit)), style="dim"))


def _footer(found: Forecast, unit: Unit) -> list[str]:
    """Return what is said of each series, under its name where there are several, and the snapshot."""
    lines = []
    for series in found.series:
        name = f"{', '.join(series.labels)}: " if series.labels else ""
        lines += [f"{name}{note}" for note in notes_of(series, found.grain, unit)]
    return [*lines, *found.notes, f"{found.zone} · snapshot {found.snapshot}"]
