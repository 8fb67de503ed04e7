"""The home folder that benchmarks use: generated once per size, kept for the next run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from sightline.bench.leads import lead_batches, programs
from sightline.bench.load import LoadError
from sightline.home import Home, WorkspaceFolder
from sightline.lake.write import publish_table

PACK = Path(__file__).parent / "pack"
WORKSPACE = "bench"
GENERATED_AT = datetime(2026, 1, 1, tzinfo=UTC)
PUBLISH_ROWS = 1_000_000
READY = "bench-ready"
ADD_PEOPLE = """
import sys, django
django.setup()
from sightline.bench.people import add_people
add_people(password=sys.argv[1], emails=sys.argv[2:])
"""
"""Run in a process of its own: settings belong to one home for the whole life of a process."""


@dataclass(frozen=True)
class BenchHome:
    """A home with a workspace of generated leads. `password` is that of everybody in it."""

    path: Path
    rows: int
    password: str = "not a secret: loopback only"  # noqa: S105 (the home holds generated data only)

    def folder(self) -> WorkspaceFolder:
        """Return the workspace."""
        return Home.open(self.path).workspace(WORKSPACE)

    def people(self, number: int) -> list[str]:
        """Return the addresses of so many members, made when they are not there yet."""
        emails = [f"user{index}@bench.test" for index in range(number)]
        ran = subprocess.run(  # noqa: S603 (our own module, no shell)
            [sys.executable, "-c", ADD_PEOPLE, self.password, *emails],
            env={**os.environ, "SIGHTLINE_HOME": str(self.path), "DJANGO_SETTINGS_MODULE": "sightline.config.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise LoadError("could not make the members of the benchmark", hint=ran.stderr[-2000:])
        return emails


def default_folder() -> Path:
    """Return where generated homes are kept: a folder of this user in the system's temporary one."""
    return Path(tempfile.gettempdir()) / f"sightline-bench-{os.getuid()}"


def prepared(*, rows: int, folder: Path, tell: Callable[[str], None]) -> BenchHome:
    """Return the home with so many leads, generated when it is not there yet."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise LoadError(f"{folder} belongs to somebody else", hint="name another folder with --folder")
    home = BenchHome(folder / str(rows), rows)
    if not (home.path / READY).exists():
        tell(f"generating {rows:,} leads in {home.path}")
        shutil.rmtree(home.path, ignore_errors=True)
        _generate(home)
        (home.path / READY).touch()
    return home


def _generate(home: BenchHome) -> None:
    workspace = Home.create(home.path).create_workspace(WORKSPACE, packs=[str(PACK)])
    datasets = workspace.catalog.datasets
    zone = workspace.settings.zone
    publish_table(workspace.lake, datasets["programs"], programs(), zone=zone, now=GENERATED_AT, run="bench-programs")
    pending: list[pa.RecordBatch] = []
    number = 0
    for batch in lead_batches(rows=home.rows):
        pending.append(batch)
        if sum(each.num_rows for each in pending) >= PUBLISH_ROWS:
            number = _publish(workspace, pending, number)
    if pending:
        _publish(workspace, pending, number)


def _publish(workspace: WorkspaceFolder, pending: list[pa.RecordBatch], number: int) -> int:
    """Publish and forget the pending rows; return the number of the next run."""
    leads = workspace.catalog.datasets["leads"]
    table = pa.Table.from_batches(pending)
    publish_table(workspace.lake, leads, table, zone=workspace.settings.zone, now=GENERATED_AT, run=f"bench-{number}")
    pending.clear()
    return number + 1
