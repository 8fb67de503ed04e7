"""`sightline serve` and its like as processes of their own, and a browser that signs in."""

from __future__ import annotations

import http.client
import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

SLOW = 120  # a machine that does other things beside the tests


@dataclass
class Response:
    status: int
    caching: str
    text: str


@dataclass
class Running:
    """A started `sightline`: its process, port and output so far."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    ready_after: float

    def get(self, path: str) -> Response:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SLOW)
        with closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return Response(response.status, response.getheader("Cache-Control") or "", response.read().decode())

    def children(self) -> list[int]:
        """Return the processes that it started, by their parent in /proc."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                text = stat.read_text()
            except OSError:
                continue  # it ended meanwhile
            if text.rpartition(")")[2].split()[1] == str(self.process.pid):
                found.append(int(stat.parent.name))
        return found

    def worker(self) -> int:
        """Return the process of the worker, 0 when there is none at the moment."""
        commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in self.children()}
        return next((pid for pid, command in commands.items() if b"\0worker\0" in command), 0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SLOW
    while time.monotonic() < deadline:
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


@contextmanager
def running(home: Path, *command: str, options: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Start a command that serves, with these options in its environment, and wait for its sign-in page."""
    port = free_port()
    log = home.with_suffix(f".{port}.log")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SIGHTLINE_", "DJANGO_"))}
    environment |= options or {}
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sightline.cli.main", "--home", str(home), *command, "--port", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    server = Running(process, port, log, 0)
    try:

        def answers() -> bool:
            assert process.poll() is None, log.read_text()
            try:
                return server.get("/sign-in").status == 200
            except OSError:
                return False

        until(answers)
        server.ready_after = time.monotonic() - started
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=SLOW)


def signed_in(server: Running, email: str, password: str) -> tuple[urllib.request.OpenerDirector, str]:
    """Sign in as a browser does; return the browser and the page that follows."""
    root = f"http://localhost:{server.port}"
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with browser.open(f"{root}/sign-in", timeout=SLOW) as response:
        form = response.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token
    fields = {"csrfmiddlewaretoken": token[1], "email": email, "password": password}
    sent = urllib.parse.urlencode(fields).encode()
    with browser.open(f"{root}/sign-in", sent, timeout=SLOW) as response:
        return browser, str(response.read().decode())


def sign_in(server: Running, email: str, password: str) -> str:
    """Sign in as a browser does and return the page that follows."""
    return signed_in(server, email, password)[1]
