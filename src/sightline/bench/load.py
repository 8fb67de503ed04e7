"""A small load generator: people who are signed in and read pages, over loopback, for a bounded number of requests."""

from __future__ import annotations

import gzip
import http.client
import math
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from sightline.errors import SightlineError

LOOPBACK = "127.0.0.1"
FAILED_PANEL = b"This panel did not load"


class LoadError(SightlineError):
    """The server under test answered something else than expected: figures would be meaningless."""

    code = "SL-E090"


@dataclass(frozen=True)
class Latencies:
    """Response times of one run, in milliseconds, and its throughput in requests per second."""

    requests: int
    p50_ms: float
    p95_ms: float
    max_ms: float
    per_second: float


def latencies_of(times_ms: Sequence[float], *, seconds: float) -> Latencies:
    """Return the percentiles of these response times. Raises ValueError when there are none."""
    ordered = sorted(times_ms)
    return Latencies(
        requests=len(ordered),
        p50_ms=quantile(ordered, 0.5),
        p95_ms=quantile(ordered, 0.95),
        max_ms=ordered[-1],
        per_second=len(ordered) / seconds if seconds else 0.0,
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value that this share of an ordered, non-empty sequence does not exceed (nearest rank)."""
    if not ordered:
        raise ValueError("no values")
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


class Person:
    """One browser: a kept-alive connection and its cookies."""

    def __init__(self, *, port: int, timeout: float = 120.0) -> None:
        self._connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout)
        self._cookies: dict[str, str] = {}

    def sign_in(self, *, email: str, password: str) -> None:
        """Sign in through the page, as a person does. Raises LoadError when it is refused."""
        page = self.get("/sign-in").decode()
        found = re.search(r'name="csrfmiddlewaretoken"[^>]*value="([^"]+)"', page)
        form = {
            "csrfmiddlewaretoken": found[1] if found else "",
            "email": email,
            "username": email,
            "password": password,
        }
        status, _ = self._send("POST", "/sign-in", body=urlencode(form))
        if status not in (302, 303):
            raise LoadError(f"sign-in of {email} answered {status}", hint="expected a redirect")

    def get(self, path: str) -> bytes:
        """Return the body of a page. Raises LoadError unless it is a 200 and every panel has its figures."""
        try:
            status, body = self._send("GET", path)
        except (http.client.RemoteDisconnected, ConnectionResetError):
            # a server closes connections that were idle for long, and browsers open them again
            self._connection.close()
            status, body = self._send("GET", path)
        if status != 200:
            raise LoadError(f"GET {path} answered {status}", hint=body[:300].decode(errors="replace"))
        if FAILED_PANEL in body:
            raise LoadError(f"GET {path} answered with a panel that failed", hint="see the server's log")
        return body

    def close(self) -> None:
        self._connection.close()

    def _send(self, method: str, path: str, *, body: str | None = None) -> tuple[int, bytes]:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "Accept-Encoding": "gzip",
        }
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://{LOOPBACK}{path}"}
        self._connection.request(method, path, body=body, headers=headers)
        response = self._connection.getresponse()
        for line in response.headers.get_all("Set-Cookie") or []:
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        content = response.read()
        return response.status, gzip.decompress(content) if response.headers.get(
            "Content-Encoding"
        ) == "gzip" else content


def run_load(people: Sequence[Person], *, paths: Callable[[], str], requests: int) -> Latencies:
    """Return the response times of `requests` pages, read by these people at once, each as fast as it is answered.

    `paths` gives the next path and is called under a lock. The first failure ends the run and is raised.
    """
    run = _Run(paths=paths, requests=requests)
    threads = [threading.Thread(target=run.read, args=(person,)) for person in people]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if run.failures:
        raise run.failures[0]
    return latencies_of(run.times_ms, seconds=time.perf_counter() - started)


class _Run:
    """What the readers of one run share: how many pages are left, the times so far and the failures."""

    def __init__(self, *, paths: Callable[[], str], requests: int) -> None:
        self._paths = paths
        self._left = requests
        self._lock = threading.Lock()
        self.times_ms: list[float] = []
        self.failures: list[Exception] = []

    def read(self, person: Person) -> None:
        while (path := self._next()) is not None:
            started = time.perf_counter()
            try:
                person.get(path)
            except (OSError, http.client.HTTPException, SightlineError) as error:
                self.failures.append(error)
                return
            self.times_ms.append((time.perf_counter() - started) * 1000)

    def _next(self) -> str | None:
        with self._lock:
            if not self._left or self.failures:
                return None
            self._left -= 1
            return self._paths()
