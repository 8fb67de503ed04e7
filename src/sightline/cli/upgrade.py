"""`sightline upgrade`."""

from __future__ import annotations

import typer

from sightline.cli.launch import existing_home
from sightline.jobs.upgrade import upgrade as bring_up_to_date


def register(app: typer.Typer) -> None:
    app.command("upgrade")(upgrade)


def upgrade() -> None:
    """Bring the database and the static files up to date with this version."""
    done = bring_up_to_date(home=existing_home())
    for line in done:
        print(line)
