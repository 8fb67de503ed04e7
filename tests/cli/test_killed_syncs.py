"""`sightline sync` killed at any moment loses nothing and has nothing twice. SIGHTLINE_KILLS=100: the long run."""

from __future__ import annotations

import json
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
import pytest
import yaml

from lead_home import make_lead_home
from sightline.home import Home

KILLS = int(os.environ.get("SIGHTLINE_KILLS", "4"))
ROWS, PAGE = 60_000, 2_000
LATER = 20_000
"""Records that change or come while the sync is killed again and again."""

SLOW = 180
pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="nothing there kills like SIGKILL"),
    pytest.mark.req("PRG-1.2", "PLT-2"),
]
SPEC = {
    "source": "crm",
    "type": "sql",
    "config": {
        "dialect": "sqlite",
        "database": "crm.sqlite3",
        "page_rows": PAGE,
        "tables": [{"name": "contacts", "cursor": "changed", "created": "created_at", "settle_seconds": 0}],
    },
    "streams": {"contacts": {"dataset": "leads", "map": {"columns": {"lead_id": "id"}}}},
}


def command(home: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SIGHTLINE_", "DJANGO_"))}
    line = [sys.executable, "-m", "sightline.cli.main", "--home", str(home), *arguments]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=SLOW)
    assert process.returncode == 0, out + err
    return out


def put(file: Path, *, first: int, count: int, version: int, value: float) -> None:
    """Insert or change records of the toy CRM; `changed` grows with every write."""
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(
            "CREATE TABLE IF NOT EXISTS contacts (id INTEGER PRIMARY KEY, program_id TEXT, source TEXT, region TEXT, "
            "status TEXT, value REAL, created_at TEXT, changed INTEGER)"
        )
        database.executemany(
            "INSERT OR REPLACE INTO contacts "
            "VALUES (?, 'p01', 'organic', 'north', 'new', ?, '2025-03-01T10:00:00Z', ?)",
            [(first + n, value, version + n) for n in range(count)],
        )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home whose source `crm` is a database with 60,000 contacts."""
    made = make_lead_home(tmp_path / "home", workspaces=("demo",))
    files = made / "workspaces" / "demo" / "files"
    files.mkdir()
    put(files / "crm.sqlite3", first=1_000_000, count=ROWS, version=1, value=1.0)
    spec = tmp_path / "crm.yaml"
    spec.write_text(yaml.safe_dump(SPEC))
    finished(command(made, "source", "add", str(spec)))
    return made


def held(home: Path) -> tuple[int, int, float]:
    """Return rows, different keys and the sum of values of what every reader sees."""
    lake = Home(home).workspace("demo").lake
    relation = lake.relation("leads", lake.snapshot())
    assert relation is not None
    query = "SELECT count(*), count(DISTINCT lead_id), sum(value) FROM read_parquet($files) WHERE lead_id >= 1000000"
    row = duckdb.connect().execute(query, {"files": list(relation.files)}).fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), float(row[2] or 0)


def test_a_sync_killed_again_and_again_loses_nothing_and_has_nothing_twice(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng, seen = random.Random(11), Counter[str]()  # noqa: S311 # moments to kill at
    file = home / "workspaces" / "demo" / "files" / "crm.sqlite3"
    last = 0
    for number in range(KILLS):
        process = command(home, "sync", "crm", "--json")
        time.sleep(rng.uniform(0.8, 2.8))
        seen["had ended"] += process.poll() is not None
        process.kill()
        process.communicate(timeout=SLOW)
        rows, keys, _ = held(home)
        assert rows == keys
        assert rows >= last  # what was published stays
        seen["moved on"] += rows > last
        last = rows
        version = 10_000_000 + number * 2 * LATER  # the source goes on meanwhile: records change, others are new
        put(file, first=1_000_000 + ROWS + number * 100, count=100, version=version, value=1.0)
        put(file, first=1_000_000 + number * 10, count=LATER, version=version + LATER, value=2.0 + number)
    done = json.loads(finished(command(home, "sync", "crm", "--json")))
    assert done["state"] == "done"
    assert done["streams"]["contacts"]["differing"] == []
    with closing(sqlite3.connect(file)) as database:
        expected = database.execute("SELECT count(*), count(DISTINCT id), sum(value) FROM contacts").fetchone()
    assert held(home) == tuple(expected)
    with closing(sqlite3.connect(home / "app.sqlite3")) as database:
        states = Counter(state for (state,) in database.execute("SELECT state FROM ingest_syncrun"))
    assert set(states) <= {"done", "failed"}
    again = json.loads(finished(command(home, "sync", "crm", "--json")))
    assert again["received"] == 0
    told = f"{seen['moved on']} had moved on, {seen['had ended']} had ended; runs: {dict(states)}"
    with capsys.disabled():
        sys.stdout.write(f"\n{KILLS} kills of a sync: {told}")
