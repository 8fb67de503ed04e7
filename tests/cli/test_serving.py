"""demo and serve, run for real: one command starts everything and one signal ends it."""

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
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = [pytest.mark.req("PLT-1"), pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")]
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
def running(home: Path, *command: str) -> Iterator[Running]:
    """Start a command that serves and wait for its sign-in page."""
    port, log = free_port(), home.with_suffix(".log")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SIGHTLINE_", "DJANGO_"))}
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


@pytest.fixture(scope="module")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "home"


def sign_in(server: Running, email: str, password: str) -> str:
    """Sign in as a browser does and return the page that follows."""
    root = f"http://localhost:{server.port}"
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with browser.open(f"{root}/sign-in", timeout=SLOW) as response:
        form = response.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token
    fields = {"csrfmiddlewaretoken": token[1], "email": email, "password": password}
    sent = urllib.parse.urlencode(fields).encode()
    with browser.open(f"{root}/sign-in", sent, timeout=SLOW) as response:
        return str(response.read().decode())


def test_the_demo_prints_how_to_sign_in_and_everybody_can(demo_home: Path) -> None:
    with running(demo_home, "demo", "--no-browser") as server:
        until(lambda: "Stop with Ctrl+C" in server.log.read_text())
        printed = server.log.read_text()
        assert f"http://localhost:{server.port}/" in printed
        people = re.findall(r"^  (\w+@demo\.test) +(\S+)", printed, re.MULTILINE)
        assert [email.partition("@")[0] for email, _ in people] == ["owner", "lead", "partner", "reader"]
        for email, password in people:
            assert "Demo" in sign_in(server, email, password)
        assert "quarantine" in printed


def test_a_second_start_reuses_the_demo(demo_home: Path) -> None:
    before = (demo_home / "demo-ready.txt").read_text()
    with running(demo_home, "demo", "--no-browser") as server:
        assert (demo_home / "demo-ready.txt").read_text() == before
        assert "rows" not in server.log.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_every_process(demo_home: Path, number: signal.Signals) -> None:
    with running(demo_home, "serve") as server:
        until(lambda: len(server.children()) == 2)
        children = server.children()
        server.process.send_signal(number)
        server.process.wait(timeout=SLOW)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))


@pytest.fixture(scope="module")
def server(demo_home: Path) -> Iterator[Running]:
    with running(demo_home, "serve") as server:
        yield server


@pytest.mark.req("PLT-2")
def test_a_worker_that_is_killed_is_started_again(server: Running) -> None:
    until(lambda: server.worker() != 0)
    killed = server.worker()
    os.kill(killed, signal.SIGKILL)
    until(lambda: server.worker() not in (0, killed))
    assert server.get("/health").status == 200


def test_idle_browsers_do_not_shut_others_out(server: Running) -> None:
    idle = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=SLOW) for _ in range(150)]
    for connection in idle:
        connection.request("GET", "/health")
        connection.getresponse().read()
    assert server.get("/health").status == 200
    for connection in idle:
        connection.close()


def test_static_files_have_hashed_names_that_browsers_keep(server: Running) -> None:
    style = re.search(r'href="(/static/web/css/[^"]+\.css)"', server.get("/sign-in").text)
    assert style
    assert re.search(r"\.[0-9a-f]{12}\.css$", style[1])
    response = server.get(style[1])
    assert response.status == 200
    assert "immutable" in response.caching


def test_a_port_in_use_is_said_at_once_with_a_way_out(demo_home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "sightline.cli.main", "--home", str(demo_home), "serve", "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
            timeout=SLOW,
        )
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr
