"""`sightline serve`: web server and worker under one process, which itself stays small."""

from __future__ import annotations

import http.client
import os
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Callable
from typing import Annotated

import typer
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from sightline.cli.heap import keep_memory_small
from sightline.cli.launch import ServeOptions, run_command, serve_options
from sightline.errors import UserError
from sightline.jobs.supervisor import Supervisor

READY_LIMIT_SECONDS = 60.0
KILL_SECONDS = 10
CONNECTIONS = 4096
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class PortTaken(UserError):
    """Another program listens on the port."""

    code = "SL-E065"


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)


def serve(
    host: Annotated[
        str, typer.Option(help="The address to listen on; 0.0.0.0 for every one.", metavar="H")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", metavar="N", min=1, max=65535)] = 8000,
) -> None:
    """Run the web server and the worker until stopped with Ctrl+C or SIGTERM."""
    refuse_taken_port(host, port)
    run_command("upgrade")
    run_server(serve_options(host, port), on_ready=lambda url: print(f"Sightline is ready at {url}", flush=True))


def refuse_taken_port(host: str, port: int) -> None:
    """Raise PortTaken now rather than from a child process later."""
    if not is_port_free(host, port):
        raise PortTaken(f"port {port} of {host} is taken by another program", hint=f"Try --port {port + 1}.")


def is_port_free(host: str, port: int) -> bool:
    """Return whether we can listen there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def run_server(options: ServeOptions, *, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; then end all processes that were started."""
    if options.host not in LOOPBACK and options.host != "0.0.0.0":  # noqa: S104 (comparison, not a default)
        os.environ.setdefault("SIGHTLINE_ALLOWED_HOSTS", f"localhost,127.0.0.1,[::1],{options.host}")
    keep_memory_small()
    worker = Supervisor([sys.executable, "-m", "sightline.cli.main", "worker"])
    server = Server(
        "sightline.config.wsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.web_workers,
        blocking_threads=options.web_threads,
        # it counts connections, idle ones too: low values would let a few open browsers shut everybody else out
        backpressure=CONNECTIONS,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_SECONDS,
    )
    server.on_startup(worker.start)
    threading.Thread(target=_tell_when_ready, args=(options, on_ready), daemon=True).start()
    try:
        server.serve()
    finally:
        worker.stop()


def _tell_when_ready(options: ServeOptions, on_ready: Callable[[str], None]) -> None:
    reached = "127.0.0.1" if options.host == "0.0.0.0" else options.host  # noqa: S104 (comparison)
    deadline = time.monotonic() + READY_LIMIT_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(reached, options.port, timeout=5)
        try:
            connection.request("GET", "/health", headers={"Host": "localhost"})
            if connection.getresponse().status == 200:
                on_ready(options.url or f"http://{'localhost' if reached in LOOPBACK else reached}:{options.port}/")
                return
        except OSError:
            pass  # not listening yet
        finally:
            connection.close()
        time.sleep(0.05)


def open_browser(url: str) -> None:
    """Show the page, where there is a browser."""
    webbrowser.open(url)
