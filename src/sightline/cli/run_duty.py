"""`sightline run-duty`: what the worker runs in a process of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from sightline.jobs.own_process import end_with_parent, run_heavy


def register(app: typer.Typer) -> None:
    app.command("run-duty")(run_duty)


def run_duty(
    name: str, now: Annotated[datetime, typer.Option(help="The moment it is run for.", parser=datetime.fromisoformat)]
) -> None:
    """Run one heavy duty and print its outcome."""
    end_with_parent()
    print(run_heavy(name, now=now))
