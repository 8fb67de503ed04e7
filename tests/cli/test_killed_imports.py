"""`sightline import` killed at any moment of its work. SIGHTLINE_KILLS=50 for the long version."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lead_home import LEADS, make_lead_home
from sightline.bench.leads import write_csv
from sightline.home import Home

KILLS = int(os.environ.get("SIGHTLINE_KILLS", "4"))
ROWS = 100_000
BAD_EVERY = 50
SLOW = 180
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing there kills like SIGKILL")


@dataclass(frozen=True)
class Held:
    """What a home holds: leads, different keys, the sum of their values in cents, and rows in quarantine."""

    leads: int
    keys: int
    cents: int
    quarantined: int


def command(home: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SIGHTLINE_", "DJANGO_"))}
    line = [sys.executable, "-m", "sightline.cli.main", "--home", str(home), *arguments]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=SLOW)
    assert process.returncode == 0, err
    return out


def staging(home: Path) -> list[str]:
    return sorted(each.name for each in (home / "workspaces/demo/lake/_staging").glob("*"))


def held(home: Path) -> Held:
    """Return what every reader of the home sees."""
    lake = Home(home).workspace("demo").lake
    relation = lake.relation("leads", lake.snapshot())
    assert relation is not None
    query = "SELECT count(*), count(DISTINCT lead_id), sum(round(value * 100)) FROM read_parquet($files)"
    row = duckdb.connect().execute(query, {"files": list(relation.files)}).fetchone()
    assert row is not None
    state = lake.quarantine("leads").state()
    return Held(int(row[0]), int(row[1]), int(row[2]), sum(file.rows for file in state.files) if state else 0)


def states(home: Path) -> list[str]:
    """Return the states of the home's imports, in order."""
    with closing(sqlite3.connect(home / "app.sqlite3")) as database:
        return [state for (state,) in database.execute("SELECT state FROM ingest_importrun ORDER BY id")]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with two thousand leads, ready to be copied."""
    home = make_lead_home(tmp_path_factory.mktemp("killed") / "home", workspaces=("demo",))
    finished(command(home, "upgrade"))
    return home


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file that changes the leads there are, brings new ones, and has wrong values here and there."""
    path = tmp_path_factory.mktemp("file") / "leads.csv"
    write_csv(path, rows=ROWS)
    heading, *lines = path.read_text().splitlines()
    lines[::BAD_EVERY] = [line.rpartition(",")[0] + ",-1" for line in lines[::BAD_EVERY]]
    path.write_text("\n".join([heading, *lines, ""]))
    return path


def at_work(home: Path, file: Path) -> subprocess.Popen[str]:
    """Return an import whose work has begun: a process killed while Python starts proves nothing."""
    process = command(home, "import", "leads", str(file), "--json")
    while not staging(home) and process.poll() is None:
        time.sleep(0.002)
    return process


def unhindered(home: Path, file: Path) -> tuple[dict[str, Any], float]:
    """Import without being killed; return the report and how long the work took, until the process ended."""
    process = at_work(home, file)
    began = time.monotonic()
    report: dict[str, Any] = json.loads(finished(process))
    return report, time.monotonic() - began


@pytest.mark.req("PLT-2")
def test_a_killed_import_is_whole_or_absent_and_completes_when_repeated(
    prepared: Path, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(prepared, tmp_path / "measured")
    report, seconds = unhindered(tmp_path / "measured", file)
    before, after = held(prepared), held(tmp_path / "measured")
    assert before == Held(LEADS, LEADS, before.cents, 0)
    assert report["rejected"] == after.quarantined == ROWS // BAD_EVERY
    assert after.keys == after.leads == LEADS + report["inserted"]
    rng, seen = random.Random(7), Counter[str]()  # noqa: S311 # moments to kill at
    for number in range(KILLS):
        home = tmp_path / f"home{number}"
        shutil.copytree(prepared, home)
        process = at_work(home, file)
        time.sleep(rng.uniform(0, 1.1 * seconds))
        seen["had ended"] += process.poll() is not None
        process.kill()
        process.communicate(timeout=SLOW)
        there, left, rows = held(home), bool(staging(home)), states(home)
        assert (there.leads, there.keys, there.cents) in (
            (before.leads, before.keys, before.cents),
            (after.leads, after.keys, after.cents),
        )
        seen["whole" if there.leads == after.leads else "absent"] += 1
        seen["left staging behind"] += left
        seen["said to be running"] += "running" in rows
        again = json.loads(finished(command(home, "import", "leads", str(file), "--json")))
        assert again["accepted"] == report["accepted"] == again["inserted"] + again["updated"] + again["unchanged"]
        assert held(home) == after
        assert staging(home) == []
        assert states(home)[-1] == "done"
        assert set(states(home)) <= {"done", "failed"}
        shutil.rmtree(home)
    with capsys.disabled():
        sys.stderr.write(f"\n{KILLS} kills in the {seconds:.1f} s of an import: {dict(seen)}")
