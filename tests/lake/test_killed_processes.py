"""A process killed at any moment of a write. SIGHTLINE_KILLS=50 for the long version."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from lake_samples import rows_of

from sightline.lake.staging import clean_leftovers
from sightline.lake.store import Lake

KILLS = int(os.environ.get("SIGHTLINE_KILLS", "4"))
ROWS = 20_000


def start(lake: Lake) -> subprocess.Popen[str]:
    worker = Path(__file__).with_name("lake_worker.py")
    return subprocess.Popen(
        [sys.executable, str(worker), "once", str(lake.root), str(ROWS)], stdout=subprocess.PIPE, text=True
    )


def run_to_the_end(lake: Lake) -> tuple[dict[str, int], float]:
    process = start(lake)
    assert process.stdout is not None
    process.stdout.readline()
    began = time.monotonic()
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    report: dict[str, int] = json.loads(out.splitlines()[-1])
    return report, time.monotonic() - began


def rows_in(lake: Lake) -> int:
    relation = lake.relation("leads", lake.snapshot())
    return len(rows_of(relation.files)) if relation else 0


@pytest.mark.req("PLT-2")
def test_a_killed_write_is_whole_or_absent_and_completes_when_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = ROWS - ROWS // 100
    report, seconds = run_to_the_end(Lake(tmp_path / "measured"))
    assert report == {"inserted": good, "unchanged": 0, "rejected": ROWS // 100}
    rng, whole, resumed = random.Random(4), 0, 0  # noqa: S311 # moments to kill at
    for number in range(KILLS):
        lake = Lake(tmp_path / f"lake{number}")
        process = start(lake)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0, seconds * 1.05))
        process.kill()
        process.wait()
        process.stdout.close()
        there = rows_in(lake)
        assert there in (0, good)
        whole += there > 0
        resumed += lake.staging("big").exists()
        again, _ = run_to_the_end(lake)
        assert again["inserted"] + again["unchanged"] == good
        relation = lake.relation("leads", lake.snapshot())
        assert relation is not None
        rows = rows_of(relation.files)
        assert len(rows) == len({row["lead_id"] for row in rows}) == good
        held = lake.quarantine("leads").state()
        assert held is not None
        assert sum(file.rows for file in held.files) == ROWS // 100
        assert clean_leftovers(lake) == []
        assert not any(lake.root.glob("_staging/*"))
    with capsys.disabled():
        sys.stderr.write(f"\n{KILLS} kills: {whole} whole, {KILLS - whole} absent, {resumed} left staging behind")
