"""Replays killed at any moment: of held rows, and of dead letters. SIGHTLINE_KILLS=100: the long run.

Each round chooses anew among what is there, as people do who look at the page again after a failure: not the rows of
the call that was killed.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import duckdb
import orjson
import pytest
import yaml

from event_home import DATASETS, make_event_home
from sightline.home import Home

KILLS = int(os.environ.get("SIGHTLINE_KILLS", "4"))
EACH = 60
SLOW = 180
pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="nothing there kills like SIGKILL"),
    pytest.mark.req("PRG-1.3", "PLT-2"),
]
START = """
import sys, django, random
django.setup()
from datetime import UTC, datetime
from sightline.accounts.access import current_home, operator_access
from sightline.ingest.actions.settle_held import replay_rows
from sightline.ingest.events import dead_letters
from sightline.ingest.events.body import content_of
from sightline.ingest.events.flush import flush_all
from sightline.ingest.events.receive import keep
from sightline.ingest.models import InboxBatch, Source
from sightline.ingest.quarantine import held_rows
from sightline.jobs.own_process import run_heavy
from sightline.lake.settle import RowId
now = datetime.now(UTC)
access = operator_access(current_home().workspace("small"))
rng = random.Random(int(sys.argv[1]))
print("ready", flush=True)
"""
SEND = """
shop = Source.objects.get()
for line in sys.stdin:
    keep(content_of(line.encode(), content_type="application/json", encoding=""), source=shop.pk, key="", now=now)
flush_all(now=now)
"""
REPLAY_ROWS = """
for dataset in rng.sample(["signups", "clicks"], 2):
    found = held_rows(access=access, dataset=dataset, page_size=10_000).rows
    chosen = rng.sample(found, min(60, len(found)))
    replay_rows(access=access, dataset=dataset, ids=[RowId(row.run, row.row) for row in chosen], now=now)
"""
REPLAY_ALL_ROWS = """
for dataset in ("signups", "clicks"):
    found = held_rows(access=access, dataset=dataset, page_size=10_000).rows
    replay_rows(access=access, dataset=dataset, ids=[RowId(row.run, row.row) for row in found], now=now)
"""
REPLAY_LETTERS = """
dead = list(InboxBatch.objects.filter(state="dead").values_list("pk", flat=True))
for letter in rng.sample(dead, min(30, len(dead))):
    dead_letters.replay(access=access, source="shop", letter=letter, now=now)
run_heavy("inbox", now=now)
"""
REPLAY_ALL_LETTERS = """
dead_letters.replay_all(access=access, source="shop", now=now)
flush_all(now=now)
"""


def child(home: Path, script: str, seed: int = 0) -> subprocess.Popen[str]:
    """Return a process that has loaded everything and begins with the script."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SIGHTLINE_", "DJANGO_"))}
    environment |= {"SIGHTLINE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "sightline.config.settings"}
    line = [sys.executable, "-c", START + script, str(seed)]
    process = subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def finished(process: subprocess.Popen[str], text: str = "") -> float:
    """Return how long a child still took."""
    begun = time.monotonic()
    out, err = process.communicate(text, timeout=SLOW)
    assert process.returncode == 0, out + err
    return time.monotonic() - begun


def killed(process: subprocess.Popen[str], after: float) -> bool:
    """Return whether a child was still at work when it was killed."""
    time.sleep(after)
    at_work = process.poll() is None
    process.kill()
    process.communicate(timeout=SLOW)
    return at_work


def events(count: int, kinds: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return events by id: half signups, half clicks. Of every five one has a page that stays wrong."""
    return {
        f"{kind}{number}": {"id": f"{kind}{number}", "event": event, "page": "bad" if number % 5 == 0 else "late"}
        for number in range(count)
        for kind, event in kinds.items()
    }


def declare(home: Path, *pages: str) -> None:
    """Let pages other than these be held."""
    for number, dataset in enumerate(DATASETS):
        checks = [{"accepted": "page", "values": list(pages)}]
        file = home.parent / "pack" / "datasets" / f"{number}.yaml"
        file.write_text(yaml.safe_dump({**dataset, "checks": checks}, sort_keys=False))


def in_the_lake(home: Path) -> Counter[str]:
    return read(home, quarantine=False)


def still_held(home: Path) -> Counter[str]:
    return read(home, quarantine=True)


def read(home: Path, *, quarantine: bool) -> Counter[str]:
    """Return how often each event is published, or held, over both datasets: read from the files alone."""
    lake, found = Home(home).workspace("small").lake, Counter[str]()
    for dataset in ("signups", "clicks"):
        if quarantine:
            table = lake.quarantine(dataset)
            state = table.state()
            files = [str(table.folder / file.path) for file in state.files] if state else []
            columns = "json_extract_string(record, '$.id') FROM read_parquet($files) WHERE state = 'held'"
        else:
            relation = lake.relation(dataset, lake.snapshot())
            files = list(relation.files) if relation else []
            columns = "event_id FROM read_parquet($files, union_by_name = true)"
        if files:
            with duckdb.connect() as connection:
                found.update(each for (each,) in connection.execute(f"SELECT {columns}", {"files": files}).fetchall())
    return found


def twice(found: Counter[str]) -> list[str]:
    return [each for each, times in found.items() if times > 1]


def test_a_replay_of_held_rows_killed_anywhere_loses_nothing_and_has_nothing_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = make_event_home(tmp_path / "home", streams={"signup": "signups", "click": "clicks"})
    declare(home, "good")
    sent = events(EACH * max(KILLS, 10), {"s": "signup", "c": "click"})
    finished(child(home, SEND), "\n".join(orjson.dumps(event).decode() for event in sent.values()))
    assert (in_the_lake(home), still_held(home)) == (Counter(), Counter(sent.keys()))
    declare(home, "good", "late")
    took = finished(child(home, REPLAY_ROWS))
    rng, at_work, moved = random.Random(7), 0, 0  # noqa: S311 # moments to kill at
    last = in_the_lake(home)
    for number in range(KILLS):
        at_work += killed(child(home, REPLAY_ROWS, number + 1), rng.uniform(0, took))
        published, held = in_the_lake(home), still_held(home)
        assert twice(published) == [], f"published twice after kill {number}"
        assert sent.keys() - published.keys() - held.keys() == set(), f"lost by kill {number}"
        assert last.keys() <= published.keys()
        moved += len(published) > len(last)
        last = published
    finished(child(home, REPLAY_ALL_ROWS))
    expected = Counter(each for each, event in sent.items() if event["page"] == "late")
    assert in_the_lake(home) == expected
    assert still_held(home) == Counter(sent.keys()) - expected
    with capsys.disabled():
        sys.stdout.write(
            f"\n{KILLS} kills of replays of {len(sent):,} held rows: {at_work} at work, {moved} had published some; "
            "none lost, none twice"
        )


def test_a_replay_of_dead_letters_killed_anywhere_loses_nothing_and_has_nothing_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = make_event_home(tmp_path / "home", streams={"signup": "signups", "click": "clicks"})
    sent = events(15 * max(KILLS, 10), {"s": "refund", "c": "visit"})
    finished(child(home, SEND), "\n".join(orjson.dumps(event).decode() for event in sent.values()))
    assert states(home) == {"dead": len(sent)}
    amend(home, {"refund": "signups", "visit": "clicks"})
    rng, at_work, storing = random.Random(7), 0, 0  # noqa: S311 # moments to kill at
    took = 1.5
    for number in range(KILLS):
        at_work += killed(child(home, REPLAY_LETTERS, number + 1), rng.uniform(0, took))
        published = in_the_lake(home)
        assert twice(published) == [], f"stored twice after kill {number}"
        there = states(home)
        storing += bool(there["taken"])
        open_records = len(sent) - there["done"]
        assert len(published) >= there["done"], f"lost by kill {number}"
        assert len(published) + open_records >= len(sent)
    finished(child(home, REPLAY_ALL_LETTERS))
    assert states(home) == {"done": len(sent)}
    assert in_the_lake(home) == Counter(sent.keys())
    with capsys.disabled():
        sys.stdout.write(
            f"\n{KILLS} kills of replays of {len(sent):,} dead letters: {at_work} at work, {storing} while a group was "
            "being stored; none lost, none twice"
        )


def states(home: Path) -> Counter[str]:
    with closing(sqlite3.connect(home / "app.sqlite3", timeout=30)) as database:
        return Counter(dict(database.execute("SELECT state, count(*) FROM ingest_inboxbatch GROUP BY 1").fetchall()))


def amend(home: Path, streams: dict[str, str]) -> None:
    """Give the source these streams, too."""
    with closing(sqlite3.connect(home / "app.sqlite3", timeout=30)) as database, database:
        spec = orjson.loads(database.execute("SELECT spec FROM ingest_source").fetchone()[0])
        spec["streams"] |= {name: {"dataset": dataset} for name, dataset in streams.items()}
        database.execute("UPDATE ingest_source SET spec = ?", [orjson.dumps(spec).decode()])
