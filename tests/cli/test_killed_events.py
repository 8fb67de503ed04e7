"""A running server whose processes are killed while events arrive. SIGHTLINE_KILLS=40 for the long version."""

from __future__ import annotations

import http.client
import itertools
import os
import random
import signal
import sqlite3
import sys
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import orjson
import pytest
from served import Running, running, until

from event_home import SECRET, make_event_home
from events_sender import signed
from sightline.home import Home

KILLS = int(os.environ.get("SIGHTLINE_KILLS", "4"))
PATH = "/api/v1/workspaces/small/events/shop"
STREAMS = {"signup": "signups", "click": "clicks"}
ANSWER_SECONDS = 10
MOST_REPEATED = 10_000
BETWEEN_WEB_KILLS = 8.0
"""Granian takes two deaths of a web process within 5.5 seconds for a crash loop, and ends."""
pytestmark = [
    pytest.mark.req("PLT-2", "AUT-8.2"),
    pytest.mark.skipif(sys.platform == "win32", reason="nothing there kills like SIGKILL"),
]


@dataclass
class Sender:
    """Sends events until told to stop. With keys every request is repeated until it is acknowledged."""

    name: str
    port: int
    batch: int
    has_keys: bool
    acknowledged: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    refused: list[int] = field(default_factory=list)
    repeated: int = 0

    def send_until(self, over: threading.Event) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)) as connection:
            for number in itertools.takewhile(lambda _: not over.is_set(), itertools.count()):
                self._send(connection, number)

    def _send(self, connection: http.client.HTTPConnection, number: int) -> None:
        ids = [f"{self.name}-{number}-{each}" for each in range(self.batch)]
        kinds = itertools.cycle(STREAMS)
        body = orjson.dumps([{"id": each, "event": next(kinds), "page": each} for each in ids])
        status = self._post(connection, body, f"{self.name}-{number}")
        while self.has_keys and status != 202 and self.repeated < MOST_REPEATED:
            self.repeated += 1
            time.sleep(0.05)
            status = self._post(connection, body, f"{self.name}-{number}")
        (self.acknowledged if status == 202 else self.unsure).update(ids)
        time.sleep(0.01 if status else 0.1)

    def _post(self, connection: http.client.HTTPConnection, body: bytes, key: str) -> int:
        """Return the status, 0 when the connection broke: nobody knows then whether the events are there."""
        headers = {**signed(body, secret=SECRET), "Content-Type": "application/json"}
        if self.has_keys:
            headers["Idempotency-Key"] = key
        try:
            connection.request("POST", PATH, body, headers)
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return 0
        if response.status not in (202, 503):
            self.refused.append(response.status)
        return response.status


def parent_and_command(pid: str) -> tuple[int, bytes]:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        return int(stat.rpartition(")")[2].split()[1]), Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return 0, b""  # it ended meanwhile


def victims(server: Running) -> dict[str, int]:
    """Return the processes to kill: of the web, the worker, and what stores events."""
    found: dict[str, int] = {}
    worker = server.worker()
    for pid in server.children():
        if pid != worker:
            found["web"] = pid
    if worker:
        found["worker"] = worker
        for entry in Path("/proc").glob("[0-9]*"):
            parent, command = parent_and_command(entry.name)
            if parent == worker and b"\0run-duty\0inbox\0" in command:
                found["storing"] = int(entry.name)
    return found


def query(home: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(home / "app.sqlite3", timeout=30)) as database, database:
        return database.execute(statement).fetchall()


def in_the_lake(home: Path) -> Counter[str]:
    """Return how often each event is published, over both datasets."""
    found: Counter[str] = Counter()
    lake = Home(home).workspace("small").lake
    for dataset in STREAMS.values():
        relation = lake.relation(dataset, lake.snapshot())
        assert relation is not None
        with duckdb.connect() as connection:
            scan = "SELECT event_id FROM read_parquet($files, union_by_name = true)"
            rows = connection.execute(scan, {"files": list(relation.files)}).fetchall()
        found.update(event for (event,) in rows)
    return found


def test_every_acknowledged_event_is_in_the_lake_once_whatever_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = make_event_home(tmp_path / "home", streams=STREAMS)
    rng, killed, over = random.Random(11), Counter[str](), threading.Event()  # noqa: S311 - moments to kill at
    with running(home, "serve") as server:
        senders = [
            Sender(f"{'batch' if batch > 1 else 'single'}{'-key' if keys else ''}", server.port, batch, keys)
            for batch, keys in itertools.product((1, 40), (True, False))
        ]
        threads = [threading.Thread(target=each.send_until, args=(over,)) for each in senders]
        for thread in threads:
            thread.start()
        deadline, web_killed_at = time.monotonic() + 60 + 10 * KILLS, 0.0
        while killed.total() < KILLS and time.monotonic() < deadline and server.process.poll() is None:
            time.sleep(rng.uniform(0.2, 2.0))
            there = victims(server)
            kind = rng.choice(["storing", "storing", "worker", "web"])
            if kind not in there or (kind == "web" and time.monotonic() - web_killed_at < BETWEEN_WEB_KILLS):
                continue  # it is being started again
            web_killed_at = time.monotonic() if kind == "web" else web_killed_at
            with suppress(ProcessLookupError):
                os.kill(there[kind], signal.SIGKILL)
                killed[kind] += 1
        over.set()
        assert server.process.poll() is None, server.log.read_text()
        for thread in threads:
            thread.join()
        until(lambda: query(home, "SELECT count(*) FROM ingest_inboxbatch WHERE state <> 'done'") == [(0,)])
    found = in_the_lake(home)
    acknowledged = set[str]().union(*(each.acknowledged for each in senders))
    unsure = set[str]().union(*(each.unsure for each in senders))
    assert [status for each in senders for status in each.refused] == []
    assert len(acknowledged) > 20 * KILLS
    assert acknowledged - set(found) == set(), "acknowledged and lost"
    assert [event for event, times in found.items() if times > 1] == [], "stored twice"
    assert set(found) - acknowledged - unsure == set()
    with capsys.disabled():
        repeated = sum(each.repeated for each in senders)
        sys.stderr.write(
            f"\n{KILLS} kills ({dict(killed)}): {len(acknowledged):,} events acknowledged, all in the lake once; "
            f"{repeated} requests repeated with their key; of {len(unsure):,} events without an answer "
            f"{len(unsure & set(found)):,} are there, once"
        )
