"""The load generator counts what it says it counts, and stops at the first wrong answer."""

from __future__ import annotations

import http.server
import os
import threading
from collections.abc import Iterator

import pytest

from sightline.bench.footprint import installed_mb, memory_of
from sightline.bench.load import LoadError, Person, latencies_of, quantile, run_load


class Pages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: list[str] = []

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.send_response(500 if self.path == "/broken" else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        pass


@pytest.fixture
def port() -> Iterator[int]:
    Pages.seen.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("share", "value"), [(0.5, 5), (0.95, 10), (0.0, 1), (1.0, 10)])
def test_quantiles_are_nearest_rank(share: float, value: int) -> None:
    assert quantile(range(1, 11), share) == value


def test_latencies_of_one_request_are_that_request() -> None:
    found = latencies_of([7.0], seconds=0.5)
    assert (found.p50_ms, found.p95_ms, found.max_ms, found.per_second) == (7.0, 7.0, 7.0, 2.0)


def test_a_run_sends_exactly_as_many_requests_as_asked(port: int) -> None:
    people = [Person(port=port) for _ in range(3)]
    numbers = iter(range(1000))
    found = run_load(people, paths=lambda: f"/page/{next(numbers)}", requests=20)
    for person in people:
        person.close()
    assert found.requests == 20
    assert sorted(Pages.seen) == sorted(f"/page/{number}" for number in range(20))


def test_a_wrong_answer_ends_the_run_with_an_error(port: int) -> None:
    person = Person(port=port)
    with pytest.raises(LoadError, match="GET /broken answered 500"):
        run_load([person], paths=lambda: "/broken", requests=5)
    person.close()
    assert len(Pages.seen) == 1


def test_the_memory_of_this_process_is_plausible() -> None:

    memory = memory_of(os.getpid())
    assert memory.processes >= 1
    assert 10 < memory.resident_mb <= memory.added_mb * 1.01 < 10_000


def test_the_installed_size_counts_the_large_libraries() -> None:
    assert 200 < installed_mb() < 1500
