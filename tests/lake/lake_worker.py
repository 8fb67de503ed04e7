"""One process of the concurrency and kill tests: writes or reads until its time is over, and reports on stdout."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from lake_samples import LEADS, batch, rows_of

from sightline.definitions.schema.dataset import Dataset
from sightline.lake.store import Lake
from sightline.lake.write import publish_table, write

PER_BATCH = 20
LEADS_SET = Dataset.model_validate(LEADS)
COUNTERS = Dataset.model_validate(
    {
        "dataset": "counters",
        "key": ["name"],
        "columns": {"name": {"type": "string"}, "value": {"type": "integer"}},
    }
)


def now() -> datetime:
    return datetime.now(UTC)


def write_until(root: Path, name: str, end: float) -> dict[str, object]:
    """Insert batches of new leads, and count up a row of one's own in a table that all writers share."""
    lake, count = Lake(root), 0
    while time.time() < end or not count:
        ids = [f"{name}-{count:05d}-{row:02d}" for row in range(PER_BATCH)]
        moment = datetime(2026, 1 + count % 3, 1 + count % 28, tzinfo=UTC)
        rows = [{"lead_id": lead, "email": name, "created_at": moment} for lead in ids]
        written = write(
            lake, LEADS_SET, [batch(rows, LEADS_SET)], zone="UTC", now=now(), run=f"{name}-{count}", references={}
        )
        assert written.inserted == PER_BATCH, written
        count += 1
        table = pa.table({"name": [name], "value": [count]})
        publish_table(lake, COUNTERS, table, zone="UTC", now=now(), run=f"counter-{name}-{count}")
    return {"name": name, "batches": count}


def read_until(root: Path, end: float) -> dict[str, object]:
    """Read snapshots: batches are whole or absent, row counts are as published, and time never runs backwards."""
    lake, reads, last = Lake(root), 0, 0
    seen: dict[str, int] = {}
    while time.time() < end:
        snapshot = lake.snapshot()
        assert snapshot.id >= last, "a snapshot went back"
        last = snapshot.id
        relation = lake.relation("leads", snapshot)
        if relation is None:
            continue
        rows = rows_of(relation.files)
        assert len(rows) == snapshot.datasets["leads"].rows, "rows that were not published"
        batches: dict[str, int] = {}
        for row in rows:
            batches[row["_run"]] = batches.get(row["_run"], 0) + 1
        assert set(batches.values()) <= {PER_BATCH}, "part of a batch"
        assert len({row["lead_id"] for row in rows}) == len(rows), "a key twice"
        counters = lake.relation("counters", snapshot)
        for row in rows_of(counters.files) if counters else []:
            assert row["value"] >= seen.get(row["name"], 0), "an update was lost"
            seen[row["name"]] = row["value"]
        reads += 1
    return {"reads": reads, "snapshots": last}


def write_once(root: Path, rows: int) -> dict[str, object]:
    """Write one large batch: what the kill test kills."""
    lake = Lake(root)
    moments = [datetime(2026, 1 + number % 3, 1 + number % 28, tzinfo=UTC) for number in range(rows)]
    ids = [f"l{number:06d}" for number in range(rows)]
    emails = [None if number % 100 == 0 else "x" for number in range(rows)]
    table = pa.table({"lead_id": ids, "email": emails, "created_at": pa.array(moments, pa.timestamp("us", "UTC"))})
    dataset = LEADS_SET.model_copy(update={"checks": checks_of()})
    print("began", flush=True)  # noqa: T201 # tells the test when to count from
    written = write(lake, dataset, table.to_batches(5000), zone="UTC", now=now(), run="big", references={})
    return {"inserted": written.inserted, "unchanged": written.unchanged, "rejected": written.rejected}


def checks_of() -> list[object]:
    return list(Dataset.model_validate({**LEADS, "checks": [{"not_null": "email"}]}).checks)


if __name__ == "__main__":
    what, folder, *rest = sys.argv[1:]
    place = Path(folder)
    if what == "write":
        report = write_until(place, rest[0], time.time() + float(rest[1]))
    elif what == "read":
        report = read_until(place, time.time() + float(rest[0]))
    else:
        report = write_once(place, int(rest[0]))
    print(json.dumps(report))  # noqa: T201 # the report
