"""Rows per second of a database read through the real `sightline sync`, and scrapes of a large exporter per second."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import yaml

from sightline.bench.figures import Figure
from sightline.bench.home import GENERATED_AT, PACK, WORKSPACE
from sightline.bench.leads import lead_batches, programs
from sightline.bench.load import LoadError
from sightline.bench.server import command
from sightline.home import Home
from sightline.lake.write import publish_table
from sightline.sources.prometheus.exposition import parse

FAMILIES = 1_228
"""As many as a Linux node exporter shows."""

SAMPLES_PER_FAMILY = 2
SCRAPES = 20
SPEC = {
    "source": "crm",
    "type": "sql",
    "config": {
        "dialect": "sqlite",
        "database": "crm.sqlite3",
        "page_rows": 20_000,
        "tables": [{"name": "leads", "key": ["lead_id"], "created": "created_at"}],
    },
    "streams": {"leads": {"dataset": "leads"}},
}


def measure_syncs(*, rows: int, folder: Path) -> list[Figure]:
    """Return how fast a table of generated leads is read into an empty workspace, and a large exposition parsed."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="sync-") as made:
        home = Path(made) / "home"
        workspace = Home.create(home).create_workspace(WORKSPACE, packs=[str(PACK)])
        definition = workspace.catalog.datasets["programs"]
        publish_table(workspace.lake, definition, programs(), zone="UTC", now=GENERATED_AT, run="bench-programs")
        (workspace.path / "files").mkdir()
        _database(workspace.path / "files" / "crm.sqlite3", rows=rows)
        spec = Path(made) / "crm.yaml"
        spec.write_text(yaml.safe_dump(SPEC))
        _run("source", "add", str(spec), home=home)
        started = time.perf_counter()
        done = json.loads(_run("sync", "crm", "--json", home=home))
        seconds = time.perf_counter() - started
        if done["accepted"] != rows:
            raise LoadError(f"the sync accepted {done['accepted']:,} of {rows:,} rows", hint=str(done)[:500])
        started = time.perf_counter()
        _run("sync", "crm", "--json", home=home)
        again = time.perf_counter() - started
    return [
        Figure("sync of a database", rows / seconds, "rows/s", note=f"{rows:,} rows, the command's start counted"),
        Figure("sync of a database that did not change", again, "s", note="read whole again: the table has no cursor"),
        _scrapes(),
    ]


def _database(file: Path, *, rows: int) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(
            "CREATE TABLE leads (lead_id INTEGER PRIMARY KEY, created_at TEXT, program_id TEXT, source TEXT, "
            "region TEXT, status TEXT, value REAL)"
        )
        for batch in lead_batches(rows=rows):
            columns = [column.to_pylist() for column in batch.columns]
            columns[1] = [moment.isoformat() for moment in columns[1]]
            database.executemany("INSERT INTO leads VALUES (?, ?, ?, ?, ?, ?, ?)", zip(*columns, strict=True))


def _scrapes() -> Figure:
    body = ("\n".join(_exposition()) + "\n").encode()
    started = time.perf_counter()
    for _ in range(SCRAPES):
        samples = parse(body, content_type="text/plain; version=0.0.4").samples
    per_second = SCRAPES / (time.perf_counter() - started)
    return Figure(
        "scrapes parsed", per_second, "scrapes/s", note=f"{FAMILIES:,} families, {len(samples):,} samples each"
    )


def _exposition() -> Iterator[str]:
    for number in range(FAMILIES):
        name = f"bench_metric_{number}"
        yield f"# HELP {name} A generated metric."
        yield f"# TYPE {name} gauge"
        for sample in range(SAMPLES_PER_FAMILY):
            yield f'{name}{{device="d{sample}",mode="idle"}} {number * 1.5 + sample}'


def _run(*arguments: str, home: Path) -> str:
    """Return what one of our commands prints. Raises LoadError when it fails."""
    ran = subprocess.run(  # noqa: S603 (our own command, no shell)
        command(*arguments, home=home), capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise LoadError(f'"sightline {arguments[0]}" ended with {ran.returncode}', hint=ran.stderr[-2000:])
    return ran.stdout
