"""`sightline demo`: sample data and eight people, ready to look at."""

from __future__ import annotations

import os
import webbrowser
from datetime import UTC, datetime
from typing import Annotated

import typer

from sightline.cli.launch import home_path, run_command, serve_options
from sightline.cli.serve import is_port_free, refuse_taken_port, run_server

READY = "demo-ready.txt"
"""Written last by build-demo, with how to sign in. Its presence means that the demo is whole."""
TRIED_PORTS = range(8000, 8020)


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    port: Annotated[
        int | None, typer.Option(help="The port. Default: 8000, or the next free one.", metavar="N")
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Make a home with sample data and eight people (once), and serve it."""
    os.environ.setdefault("SIGHTLINE_MAIL", "console")
    chosen = port or next((free for free in TRIED_PORTS if is_port_free("127.0.0.1", free)), TRIED_PORTS[0])
    refuse_taken_port("127.0.0.1", chosen)
    ready = home_path() / READY
    if not ready.is_file():
        print(f"Making the demo in {home_path()}, about half a minute…", flush=True)
        run_command("build-demo", "--end", datetime.now(UTC).date().isoformat())
    run_command("upgrade")

    def tell(url: str) -> None:
        print(f"\nSightline is ready at {url}\n\n{ready.read_text(encoding='utf-8')}\nStop with Ctrl+C.", flush=True)
        if not no_browser:
            webbrowser.open(url)

    run_server(serve_options("127.0.0.1", chosen), on_ready=tell)
