"""Many processes write and read one lake. SIGHTLINE_SOAK=60 makes it a minute instead of a few seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from lake_samples import rows_of
from lake_worker import COUNTERS, LEADS_SET, PER_BATCH, now

from sightline.lake.maintain import compact, maintain
from sightline.lake.store import Lake

SECONDS = float(os.environ.get("SIGHTLINE_SOAK", "4"))
WRITERS, READERS = 5, 3


def start(*arguments: object) -> subprocess.Popen[str]:
    worker = Path(__file__).with_name("lake_worker.py")
    return subprocess.Popen(
        [sys.executable, str(worker), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(process: subprocess.Popen[str]) -> dict[str, int]:
    out, err = process.communicate(timeout=SECONDS + 120)
    assert process.returncode == 0, err
    report: dict[str, int] = json.loads(out.splitlines()[-1])
    return report


@pytest.mark.req("PLT-2", "PLT-3")
def test_processes_that_write_and_read_lose_nothing_and_see_only_published_snapshots(
    lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    writers = [start("write", lake.root, f"w{number}", SECONDS) for number in range(WRITERS)]
    readers = [start("read", lake.root, SECONDS) for number in range(READERS)]
    while any(process.poll() is None for process in writers):  # maintenance goes on meanwhile, in this process
        time.sleep(SECONDS / 4)
        for dataset in (LEADS_SET, COUNTERS):
            compact(lake, dataset, now=now())
        maintain(lake, [LEADS_SET, COUNTERS], now=now(), keep=timedelta(minutes=5), young=timedelta(minutes=5))
    written = [finish(process) for process in writers]
    read = [finish(process) for process in readers]
    snapshot = lake.snapshot()
    leads, counters = lake.relation("leads", snapshot), lake.relation("counters", snapshot)
    assert leads is not None
    assert counters is not None
    batches = sum(report["batches"] for report in written)
    rows = rows_of(leads.files)
    assert len(rows) == len({row["lead_id"] for row in rows}) == batches * PER_BATCH
    assert {row["name"]: row["value"] for row in rows_of(counters.files)} == {
        report["name"]: report["batches"] for report in written
    }
    with capsys.disabled():
        reads = sum(report["reads"] for report in read)
        sys.stderr.write(
            f"\nsoak {SECONDS:.0f} s: {batches} batches by {WRITERS} writers, {reads} reads by {READERS}, "
            f"{snapshot.id} snapshots"
        )
