"""demo and serve, run for real: one command starts everything and one signal ends it."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import SLOW, Running, running, sign_in, until

pytestmark = [pytest.mark.req("PLT-1"), pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the home that the first start of the demo made, and what was printed."""
    home = tmp_path_factory.mktemp("demo") / "home"
    with running(home, "demo", "--no-browser") as server:
        until(lambda: "Stop with Ctrl+C" in server.log.read_text())
        printed = server.log.read_text()
        assert f"http://localhost:{server.port}/" in printed
    return home, printed


@pytest.fixture(scope="module")
def demo_home(demo: tuple[Path, str]) -> Path:
    return demo[0]


def test_the_demo_prints_how_to_sign_in_and_everybody_can(demo: tuple[Path, str], server: Running) -> None:
    _, printed = demo
    people = re.findall(r"^  (\w+@demo\.test) +(\S+)", printed, re.MULTILINE)
    names = [email.partition("@")[0] for email, _ in people]
    assert names == ["owner", "lead", "partner", "founder", "manager", "executive", "board", "reader"]
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
