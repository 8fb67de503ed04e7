"""Events through real HTTP: how many are taken, how fast they are answered, and when they are seen in numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from sightline.bench.event_home import EventHome, event_home
from sightline.bench.event_load import Load, Sent
from sightline.bench.figures import Figure
from sightline.bench.load import LoadError, quantile
from sightline.bench.server import Server, serving
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.metrics.ask import ask
from sightline.metrics.question import Question
from sightline.metrics.warehouse import warehouse_of

SINGLES_TARGET = 1_000.0
BATCHED_TARGET = 20_000.0
SEEN_TARGET_S = 3.0
BATCH = 500
PROBES_PER_SECOND = 2.0
LOOK_SECONDS = 0.05
DRAIN_SECONDS = 120.0
LIMIT_SECONDS = 300.0
EVENTS = Question(metrics=("events",))
PROBES = Question(metrics=("events",), group_by=("probe",), where="kind = 'probe'")

Tell = Callable[[str], None]


def measure_events(*, folder: Path, requests: int, tell: Tell) -> list[Figure]:
    """Return the figures of one server. `requests` sizes the load: 25 times as many single events are sent."""
    home = event_home(folder)
    with serving(home=home.path) as server:
        tell("single events")
        _load(_of(home, server, "warm", requests=200))
        singles = _load(_of(home, server, "single", requests=25 * requests))
        total = 200 + len(singles.times_ms)
        _drained(home, total)
        tell(f"batches of {BATCH}")
        batches = _load(_of(home, server, "batch", requests=2 * requests, batch=BATCH, connections=4))
        total += BATCH * len(batches.times_ms)
        drained = _drained(home, total)
        figures = [
            *_answers(singles, "single events", 1, SINGLES_TARGET),
            *_answers(batches, f"events in batches of {BATCH}", BATCH, BATCHED_TARGET),
            Figure("events in the lake after the last batch", drained, "s", note=f"{total:,} events, none missing"),
        ]
        tell("time until events are seen")
        for name, pace in (("little", 20.0), ("full", SINGLES_TARGET / 2)):
            figures += _seen(home, server, name, pace=pace, seconds=max(6.0, requests / 8))
        return figures


def _of(home: EventHome, server: Server, name: str, *, requests: int, batch: int = 1, connections: int = 8) -> Load:
    return Load(server.port, home.secret, name, requests, batch, connections)


def _load(load: Load) -> Sent:
    """Return what became of a load that a process of its own sends. Raises LoadError when anything was refused."""
    return _finished(_started(load))


def _started(load: Load) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sightline.bench.event_load", json.dumps(asdict(load))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own


def _finished(process: subprocess.Popen[str]) -> Sent:
    try:
        out, err = process.communicate(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise LoadError("the load was not sent in time", hint="send fewer requests with --requests") from None
    if process.returncode:
        raise LoadError("the load generator ended early", hint=err[-2000:])
    sent = Sent(**json.loads(out))
    if sent.failures:
        raise LoadError(f"{len(sent.failures)} events were refused: {sent.failures[0]}", hint="see the server's log")
    return sent


def _answers(sent: Sent, name: str, batch: int, target: float) -> list[Figure]:
    ordered = sorted(sent.times_ms)
    rate = batch * len(ordered) / (sent.ended - sent.began)
    return [
        Figure(f"{name}, durable", rate, "events/s", target=target, bound="at_least", note=_load_of_machine()),
        Figure(f"{name}, answer, p50", quantile(ordered, 0.5), "ms"),
        Figure(f"{name}, answer, p99", quantile(ordered, 0.99), "ms"),
    ]


def _load_of_machine() -> str:
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


def _drained(home: EventHome, total: int) -> float:
    """Return how long it takes until all events are in the lake. Raises LoadError when one is missing or too many."""
    started = time.monotonic()
    while (found := _count(home)) != total:
        if found > total or time.monotonic() - started > DRAIN_SECONDS:
            raise LoadError(f"{found:,} events are in the lake, {total:,} were acknowledged", hint="see the log")
        time.sleep(0.1)
    return time.monotonic() - started


def _count(home: EventHome) -> int:
    answer = ask(EVENTS, SYSTEM_VIEWER, warehouse=warehouse_of(home.folder()), now=datetime.now(UTC))
    return int(answer.data["events"][0] or 0)


def _seen(home: EventHome, server: Server, name: str, *, pace: float, seconds: float) -> list[Figure]:
    """Return how long single events take from being sent to being counted, beside others at a pace."""
    others = Load(server.port, home.secret, f"beside-{name}", int(pace * seconds), per_second=pace, connections=4)
    probes = Load(
        server.port,
        home.secret,
        f"probe-{name}",
        int(PROBES_PER_SECOND * seconds),
        connections=2,
        per_second=PROBES_PER_SECOND,
        probes=True,
    )
    beside = _started(others)
    with _watching(home, probes.name, probes.requests) as seen:
        sent = _load(probes)
    _finished(beside)
    waits = sorted(seen[probe] - at for probe, at in sent.probes.items() if probe in seen)
    if len(waits) < probes.requests:
        raise LoadError(f"{probes.requests - len(waits)} events were never seen", hint="see the server's log")
    told = f"beside {pace:,.0f} a second, {_load_of_machine()}"
    return [
        Figure(f"event seen in a number, {name} load, p50", quantile(waits, 0.5), "s", note=told),
        Figure(f"event seen in a number, {name} load, p99", quantile(waits, 0.99), "s", target=SEEN_TARGET_S),
    ]


@contextmanager
def _watching(home: EventHome, name: str, number: int) -> Iterator[dict[str, float]]:
    """Give the moment at which each probe was first part of an answer; waits for the last of them at the end."""
    seen: dict[str, float] = {}
    over = threading.Event()
    thread = threading.Thread(target=_watch, args=(home, name, number, seen, over))
    thread.start()
    try:
        yield seen
    finally:
        thread.join(timeout=DRAIN_SECONDS)
        over.set()


def _watch(home: EventHome, name: str, number: int, seen: dict[str, float], over: threading.Event) -> None:
    folder, asked = home.folder(), -1
    while len(seen) < number and not over.is_set():
        snapshot = folder.lake.snapshot()
        if snapshot.id == asked:
            time.sleep(LOOK_SECONDS)
            continue
        asked = snapshot.id
        answer = ask(PROBES, SYSTEM_VIEWER, warehouse=warehouse_of(folder), now=datetime.now(UTC))
        now = time.time()
        for probe in answer.data["probe"]:
            if str(probe).startswith(name):
                seen.setdefault(str(probe), now)
