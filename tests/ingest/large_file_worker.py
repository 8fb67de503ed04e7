"""Imports one file in a process of its own and reports rows, seconds and how much memory that took."""

from __future__ import annotations

import json
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from sightline.definitions.schema.dataset import Dataset
from sightline.ingest.mapping import MapFile
from sightline.ingest.plan import content_hash, plan_import
from sightline.ingest.staged import run_import
from sightline.lake.store import Lake
from sightline.sources.files.readers import open_file

DATASET = Dataset.model_validate(
    {
        "dataset": "leads",
        "entities": {"lead": {"type": "primary", "column": "lead_id"}},
        "time": "created_at",
        "partition": "month",
        "columns": {
            "lead_id": {"type": "string"},
            "email": {"type": "string"},
            "amount": {"type": "decimal"},
            "visits": {"type": "integer"},
            "created_at": {"type": "timestamp"},
        },
        "checks": [
            {"not_null": ["email", "created_at"]},
            {"not_negative": "amount"},
            {"unique": "email"},
            {"no_duplicate": {"columns": ["email"], "within": "30 days", "time": "created_at"}},
        ],
    }
)


def resident() -> float:
    """Return the memory this process uses now, in megabytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def main(path: Path, root: Path) -> None:
    before = peak = resident()
    running = True

    def watch() -> None:
        nonlocal peak
        while running:
            peak = max(peak, resident())
            time.sleep(0.005)

    watcher = threading.Thread(target=watch)
    watcher.start()
    began, used = time.monotonic(), time.process_time()
    opened = open_file(path)
    plan = plan_import(
        dataset=DATASET, columns=opened.columns, file=MapFile(), content=content_hash(path), zone="Europe/Berlin"
    )
    now = datetime(2026, 3, 1, tzinfo=UTC)
    written = run_import(plan, opened, Lake(root), references={}, now=now, dry_run=False, watch=lambda _: None)
    seconds, used = time.monotonic() - began, time.process_time() - used
    running = False
    watcher.join()
    report = {"inserted": written.inserted, "rejected": written.rejected, "megabytes": peak - before}
    print(json.dumps({**report, "seconds": seconds, "cpu_seconds": used}))  # noqa: T201 # the report


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
