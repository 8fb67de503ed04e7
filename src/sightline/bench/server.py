"""A Sightline server as a child process, on a free loopback port, stopped when the benchmark is done with it."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sightline.bench.footprint import Memory, memory_of
from sightline.bench.load import LOOPBACK, LoadError

START_LIMIT_SECONDS = 60.0
STOP_LIMIT_SECONDS = 10.0


@dataclass(frozen=True)
class Server:
    """A running server. `started_in` is the time from starting the process to its first answered page, in seconds."""

    port: int
    pid: int
    started_in: float

    def memory(self) -> Memory:
        return memory_of(self.pid)


def command(*arguments: str, home: Path) -> list[str]:
    """Return the command line that runs `sightline` with this interpreter and home."""
    return [sys.executable, "-m", "sightline.cli.main", "--home", str(home), *arguments]


@contextmanager
def serving(*, home: Path) -> Iterator[Server]:
    """Serve this home. Raises LoadError when no page is answered within a minute."""
    port = free_port()
    log = (home / "bench-server.log").open("wb")
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 (our own command, no shell)
        command("serve", "--host", LOOPBACK, "--port", str(port), home=home), stdout=log, stderr=subprocess.STDOUT
    )
    try:
        _wait_until_answering(process, port, deadline=started + START_LIMIT_SECONDS, log=home / "bench-server.log")
        yield Server(port=port, pid=process.pid, started_in=time.perf_counter() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _wait_until_answering(process: subprocess.Popen[bytes], port: int, *, deadline: float, log: Path) -> None:
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise LoadError(f"the server ended with {process.returncode}", hint=log.read_text(errors="replace")[-2000:])
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
        try:
            connection.request("GET", "/sign-in")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise LoadError("the server answered no page within a minute", hint=f"see {log}")
