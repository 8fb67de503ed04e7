"""`sightline worker`."""

from __future__ import annotations

import typer

from sightline.jobs.worker import run_forever


def register(app: typer.Typer) -> None:
    app.command("worker")(worker)


def worker() -> None:
    """Run the worker alone, until stopped."""
    run_forever()
