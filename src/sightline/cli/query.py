"""`sightline query`: one question, answered as a table, JSON or CSV."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from sightline.accounts.access import open_workspace
from sightline.accounts.models import User
from sightline.cli.answer_output import answer_csv, answer_table, explanation_text, sql_text
from sightline.cli.context import WorkspaceOption, the_workspace
from sightline.definitions.policy import SYSTEM_VIEWER, Viewer
from sightline.errors import NotFound
from sightline.home import WorkspaceFolder
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.document import answer_document, explanation_document, to_json
from sightline.metrics.question_text import parse_question
from sightline.metrics.warehouse import warehouse_of

WIDE = 240
"""Columns of a table that no terminal shows: wide enough that nothing is folded."""


def register(app: typer.Typer) -> None:
    app.command("query")(query)


def query(
    metrics: Annotated[str, typer.Option(help="Metrics, separated by commas.", metavar="A,B")],
    by: Annotated[str, typer.Option(help="Dimensions or entities: a row per combination.", metavar="X,Y")] = "",
    grain: Annotated[str, typer.Option(help="A row per hour, day, week, month, quarter or year.")] = "",
    where: Annotated[str, typer.Option(help="A condition: \"origin = 'social'\".")] = "",
    period: Annotated[
        str, typer.Option(help="last_90_days, this_year, 2017-01-01..2018-01-01 (end excluded). Default: all time.")
    ] = "",
    compare: Annotated[
        str, typer.Option(help="previous_period, previous_year, same_weekdays, same_point, target or peers.")
    ] = "",
    order: Annotated[str, typer.Option(help="Columns, separated by commas; a leading - is descending.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Most rows.")] = None,
    as_user: Annotated[
        str, typer.Option("--as", help="See what this member sees. Default: everything.", metavar="USER")
    ] = "",
    workspace: WorkspaceOption = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Also tell how the figures of the first row came to be.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Answer a question."""
    if as_csv and (as_json or explain):
        raise typer.BadParameter("CSV has rows only; leave out --json and --explain", param_hint="--csv")
    folder = the_workspace(workspace)
    warn_of_problems(folder)
    question = parse_question(
        metrics=metrics, by=by, grain=grain, where=where, period=period, compare=compare, order=order, limit=limit
    )
    viewer = viewer_of(folder, as_user)
    answer = ask(question, viewer, warehouse=warehouse_of(folder), now=datetime.now(UTC))
    if as_csv:
        typer.echo(answer_csv(answer), nl=False)
    elif as_json:
        typer.echo(_json(answer, explain=explain))
    else:
        _print(answer, explain=explain)


def viewer_of(folder: WorkspaceFolder, email: str) -> Viewer:
    """Return the member to ask as; without one the local operator, who holds the files, sees everything."""
    if not email:
        return SYSTEM_VIEWER
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise NotFound(f'there is no person "{email}"', hint="`sightline user list` shows them.")
    return open_workspace(user, folder.name).viewer


def warn_of_problems(folder: WorkspaceFolder) -> None:
    """Say on standard error that definitions were left out, so that an unknown metric is no riddle."""
    errors = [issue for issue in folder.issues if issue.level == "error"]
    if errors:
        typer.echo(
            f"{len(errors)} problems in the definitions; `sightline check` lists them. The first:\n{errors[0]}",
            err=True,
        )


def _json(answer: Answer, *, explain: bool) -> str:
    document = answer_document(answer, with_sql=explain)
    if explain:
        document["meta"]["explanations"] = [
            explanation_document(answer.explain(metric)) for metric in answer.question.metrics
        ]
    return to_json(document, indent=True).decode()


def _print(answer: Answer, *, explain: bool) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    console.print(answer_table(answer, currency=answer.catalog.settings.currency))
    if explain:
        for metric in answer.question.metrics:
            console.print(explanation_text(answer.explain(metric), today=answer.today), soft_wrap=True)
        console.print(sql_text(answer), soft_wrap=True)
