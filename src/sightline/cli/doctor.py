"""`sightline doctor`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from sightline.cli.context import the_home
from sightline.jobs.doctor import examine

MARKS = {"ok": "ok     ", "warning": "warning", "error": "WRONG  "}


def register(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Check that this installation is sound. Exits 1 when something is wrong."""
    findings = examine(the_home(), now=datetime.now(UTC))
    if as_json:
        print(
            json.dumps([{"check": f.check, "level": f.level, "message": f.message, "hint": f.hint} for f in findings])
        )
    else:
        for finding in findings:
            print(
                f"{MARKS[finding.level]}  {finding.check}: {finding.message}"
                + (f"  {finding.hint}" if finding.hint else "")
            )
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)
