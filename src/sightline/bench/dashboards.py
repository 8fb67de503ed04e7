"""The dashboard of twelve panels through real HTTP, cached and not, beside the same statements in plain DuckDB."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from sightline.bench.figures import Figure
from sightline.bench.home import BenchHome
from sightline.bench.load import Latencies, Person, latencies_of, run_load
from sightline.bench.periods import WHOLE, distinct_periods, period_text
from sightline.bench.raw import RawDashboard
from sightline.bench.server import Server, serving
from sightline.metrics.question import Period

PAGE = "/w/bench/d/bench"
CACHED_TARGET_MS = 100.0
UNCACHED_TARGET_RATIO = 1.5
MEMORY_TARGET_MB = 400.0

Tell = Callable[[str], None]


def measure_dashboards(*, home: BenchHome, users: int, requests: int, tell: Tell) -> list[Figure]:
    """Return the figures of one server: start, cached and uncached pages for one person and for many, memory."""
    periods = distinct_periods()
    with serving(home=home.path) as server, raw_dashboard(home) as raw, signed_in(server, home, users) as people:
        tell("first page, then cached pages")
        first = _timed(lambda: people[0].get(address(WHOLE)))
        figures = [
            Figure("server start to first page", server.started_in, "s"),
            Figure("first dashboard after the start", first, "ms"),
            *_cached(people, requests),
        ]
        tell("uncached pages")
        figures += _alone(people[0], raw, periods, runs=max(5, requests // 20))
        figures += _together(people, raw, periods, runs=max(2 * users, requests // 5))
        return figures + _memory(server)


def address(period: Period) -> str:
    """Return the address of the dashboard over a period."""
    return f"{PAGE}?period={period_text(period)}"


@contextmanager
def raw_dashboard(home: BenchHome) -> Iterator[RawDashboard]:
    """Give the twelve statements over the home's files."""
    raw = RawDashboard(home.folder())
    try:
        yield raw
    finally:
        raw.close()


@contextmanager
def signed_in(server: Server, home: BenchHome, users: int) -> Iterator[list[Person]]:
    """Give so many people with their own sessions and connections."""
    with ExitStack() as stack:
        people = []
        for email in home.people(users):
            person = Person(port=server.port)
            stack.callback(person.close)
            person.sign_in(email=email, password=home.password)
            people.append(person)
        yield people


def _cached(people: Sequence[Person], requests: int) -> list[Figure]:
    one = run_load(people[:1], paths=lambda: address(WHOLE), requests=requests)
    many = run_load(people, paths=lambda: address(WHOLE), requests=requests * 2)
    return [
        *_two(one, "cached dashboard, 1 user"),
        Figure(f"cached dashboard, {len(people)} users, p50", many.p50_ms, "ms"),
        Figure(f"cached dashboard, {len(people)} users, p95", many.p95_ms, "ms", target=CACHED_TARGET_MS),
        Figure(f"cached dashboard, {len(people)} users", many.per_second, "pages/s"),
    ]


def _alone(person: Person, raw: RawDashboard, periods: Iterator[Period], *, runs: int) -> list[Figure]:
    """Measure one person's new questions and the statements in turn, so that both see the same machine."""
    pages, direct = [], []
    raw.run(WHOLE)
    for _ in range(runs):
        period = next(periods)
        pages.append(_timed(lambda period=period: person.get(address(period))))  # type: ignore[misc]  # mypy infers no type for the default of a lambda
        direct.append(_timed(lambda period=period: raw.run(period)))  # type: ignore[misc]  # mypy infers no type for the default of a lambda
    found, beside = latencies_of(pages, seconds=sum(pages) / 1000), latencies_of(direct, seconds=sum(direct) / 1000)
    return _beside(found, beside, "uncached dashboard, 1 user", judged="p50")


def _together(people: Sequence[Person], raw: RawDashboard, periods: Iterator[Period], *, runs: int) -> list[Figure]:
    found = run_load(people, paths=lambda: address(next(periods)), requests=runs)
    beside = raw.measure(users=len(people), runs=runs, periods=lambda: next(periods))
    return _beside(found, beside, f"uncached dashboard, {len(people)} users", judged="p95")


def _two(found: Latencies, name: str) -> list[Figure]:
    return [Figure(f"{name}, p50", found.p50_ms, "ms"), Figure(f"{name}, p95", found.p95_ms, "ms")]


def _beside(found: Latencies, raw: Latencies, name: str, *, judged: str) -> list[Figure]:
    values = {"p50": (found.p50_ms, raw.p50_ms), "p95": (found.p95_ms, raw.p95_ms)}
    return [
        Figure(
            f"{name}, {share}",
            value,
            "ms",
            raw=direct,
            target=UNCACHED_TARGET_RATIO if share == judged else None,
            of_ratio=share == judged,
        )
        for share, (value, direct) in values.items()
    ]


def _memory(server: Server) -> list[Figure]:
    memory = server.memory()
    return [
        Figure(
            "server resident memory",
            memory.resident_mb,
            "MB",
            target=MEMORY_TARGET_MB,
            note=f"{memory.processes} processes, what they share counted once",
        ),
        Figure("server resident memory, added up", memory.added_mb, "MB"),
    ]


def _timed(act: Callable[[], object]) -> float:
    """Return how long this takes, in milliseconds."""
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000
