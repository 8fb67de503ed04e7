"""Rows per second of a CSV file through the real import: read, mapped, audited, published."""

from __future__ import annotations

import json
import resource
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from sightline.bench.figures import Figure
from sightline.bench.home import GENERATED_AT, PACK, WORKSPACE
from sightline.bench.leads import programs, write_csv
from sightline.bench.load import LoadError
from sightline.bench.server import command
from sightline.home import Home
from sightline.lake.write import publish_table

TARGET_ROWS_PER_SECOND = 100_000.0


def measure_import(*, rows: int, folder: Path) -> list[Figure]:
    """Return how fast a file of generated leads is imported into an empty workspace, and the largest memory it took."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="import-") as made:
        home = Path(made) / "home"
        file = Path(made) / "leads.csv"
        _empty_workspace(home)
        _run("upgrade", home=home)
        write_csv(file, rows=rows)
        megabytes = file.stat().st_size / 1e6
        started = time.perf_counter()
        result = _import(home, file)
        seconds = time.perf_counter() - started
    if result["accepted"] != rows:
        raise LoadError(f"the import accepted {result['accepted']:,} of {rows:,} rows", hint=json.dumps(result)[:500])
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    return [
        Figure(
            "import of CSV",
            rows / seconds,
            "rows/s",
            target=TARGET_ROWS_PER_SECOND,
            bound="at_least",
            note=f"{rows:,} rows",
        ),
        Figure("import of CSV, whole command with its start", seconds, "s", note=f"{megabytes:,.0f} MB"),
        Figure("import of CSV, largest memory", peak, "MB"),
    ]


def _empty_workspace(home: Path) -> None:
    workspace = Home.create(home).create_workspace(WORKSPACE, packs=[str(PACK)])
    definition = workspace.catalog.datasets["programs"]
    zone = workspace.settings.zone
    publish_table(workspace.lake, definition, programs(), zone=zone, now=GENERATED_AT, run="bench-programs")


def _import(home: Path, file: Path) -> dict[str, Any]:
    return dict(json.loads(_run("import", "leads", str(file), "--json", home=home)))


def _run(*arguments: str, home: Path) -> str:
    """Return what one of our commands prints. Raises LoadError when it fails."""
    ran = subprocess.run(  # noqa: S603 (our own command, no shell)
        command(*arguments, home=home), capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise LoadError(f'"sightline {arguments[0]}" ended with {ran.returncode}', hint=ran.stderr[-2000:])
    return ran.stdout
