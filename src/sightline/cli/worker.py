"""`sightline worker`."""

from __future__ import annotations

import typer

from sightline.cli.context import the_home
from sightline.jobs.worker import run_forever


def register(app: typer.Typer) -> None:
    app.command("worker")(worker)


def worker() -> None:
    """Run the worker alone, until stopped."""
    the_home()
    run_forever()
