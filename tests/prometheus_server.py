"""The real Prometheus server, started for a test on this machine."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

STARTED_WITHIN = 30.0
"""Seconds. On an idle machine the server answers after half a second."""


@dataclass(frozen=True)
class PrometheusServer:
    """A running server."""

    url: str
    log: Path

    def ask(self, path: str, **params: str) -> Any:
        """Return the `data` of an answer, for example `ask("query", query="up")`."""
        with urlopen(f"{self.url}/api/v1/{path}?{urlencode(params)}", timeout=10) as answer:  # noqa: S310 - our own
            return json.load(answer)["data"]

    def values(self, promql: str) -> list[float]:
        """Return the present values of a query."""
        return [float(each["value"][1]) for each in self.ask("query", query=promql)["result"]]

    def wait_for(self, promql: str, values: Sequence[float], *, within: float = STARTED_WITHIN) -> None:
        """Return once a query has these values, in any order."""
        end = time.monotonic() + within
        while sorted(found := self.values(promql)) != sorted(values):
            assert time.monotonic() < end, f"{promql} is {found}, not {values}; {self.log.read_text()[-2000:]}"
            time.sleep(0.1)


StartPrometheus = Callable[..., PrometheusServer]


@pytest.fixture(scope="session")
def prometheus_binary() -> str:
    """Return the path of the server. Where it is missing the test is skipped, but fails in CI."""
    found = shutil.which("prometheus")
    if found is None:
        missing = "prometheus is not installed (Debian: apt-get install prometheus)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@pytest.fixture
def start_prometheus(prometheus_binary: str, tmp_path: Path) -> Iterator[StartPrometheus]:
    """Return a function that starts a server: `start(targets=["127.0.0.1:9100"], remote_write=url)`."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(running(prometheus_binary, tmp_path / "prometheus", **options))


@contextmanager
def running(
    binary: str,
    folder: Path,
    *,
    targets: Sequence[str] = (),
    remote_write: str = "",
    flags: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
) -> Iterator[PrometheusServer]:
    """Run a server that scrapes targets (host:port) every second as job `app`, and sends what it has, while inside.

    `settings` are the top-level keys of prometheus.yml that replace ours.
    """
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "prometheus.yml"
    configuration.write_text(
        json.dumps({**_configuration(targets, remote_write), **(settings or {})}), encoding="utf-8"
    )  # JSON is YAML
    log, port = folder / "log.txt", _free_port()
    command = [
        binary,
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        *flags,
    ]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output, cwd=folder) as process:
        try:
            server = PrometheusServer(f"http://127.0.0.1:{port}", log)
            _wait_until_ready(server, process)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


def _configuration(targets: Sequence[str], remote_write: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [{"job_name": "app", "static_configs": [{"targets": [*targets]}]}],
    }
    if remote_write:
        quick = {"batch_send_deadline": "200ms", "min_shards": 1, "max_shards": 1}
        sent = {"url": remote_write, "queue_config": quick, "metadata_config": {"send_interval": "1s"}}
        found["remote_write"] = [sent]
    return found


def _wait_until_ready(server: PrometheusServer, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + STARTED_WITHIN
    while True:
        assert process.poll() is None, f"prometheus ended: {server.log.read_text()[-2000:]}"
        try:
            with urlopen(f"{server.url}/-/ready", timeout=5):  # noqa: S310 - our own
                return
        except (URLError, ConnectionError, TimeoutError):
            assert time.monotonic() < end, f"prometheus did not start: {server.log.read_text()[-2000:]}"
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
