"""A large file streams: memory does not grow with it. SIGHTLINE_IMPORT_ROWS=500000 for the size people bring."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROWS = int(os.environ.get("SIGHTLINE_IMPORT_ROWS", "120000"))
MOST_MEGABYTES = 450

if not Path("/proc/self/statm").exists():
    pytest.skip("memory is read from /proc", allow_module_level=True)


@pytest.mark.req("PLT-2")
def test_a_large_file_is_imported_in_bounded_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "leads.csv"
    with path.open("w") as file:
        file.write("lead_id,email,amount,visits,created_at\n")
        for row in range(ROWS):
            moment = f"2025-{1 + row % 12:02d}-{1 + row % 28:02d} {row % 24:02d}:{row % 60:02d}:00"
            amount = -1 if row % 1000 == 0 else row % 97 + 0.5
            file.write(f"L{row:09d},person{row}@example.org,{amount},{row % 50},{moment}\n")
    worker = Path(__file__).with_name("large_file_worker.py")
    done = subprocess.run(
        [sys.executable, str(worker), str(path), str(tmp_path / "lake")], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    rejected = -(-ROWS // 1000)
    assert (report["inserted"], report["rejected"]) == (ROWS - rejected, rejected)
    assert report["megabytes"] < MOST_MEGABYTES
    with capsys.disabled():
        sys.stderr.write(
            f"\n{ROWS:,} rows in {report['seconds']:.1f} s ({report['cpu_seconds']:.1f} s of processor), "
            f"{report['megabytes']:.0f} MB"
        )
