"""Unfinished work: one folder per run, locked while its process lives, removed when it ends or is found dead."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from sightline.lake import sql
from sightline.lake.store import Lake
from sightline.lake.turn import turn, turn_if_free


@contextmanager
def staging(lake: Lake, run: str, *, memory: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a scratch database that spills into the run's folder. A second process with the same run waits its turn."""
    folder = lake.staging(run)
    lock = folder.with_suffix(".lock")
    with turn(lock):
        shutil.rmtree(folder, ignore_errors=True)  # what a killed process left
        try:
            with sql.scratch(folder, memory=memory) as scratch:
                yield scratch
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlink(missing_ok=True)


def clean_leftovers(lake: Lake) -> list[str]:
    """Remove the folders of runs whose process died, and return the runs."""
    root = lake.root / "_staging"
    cleaned = []
    for lock in sorted(root.glob("*.lock")):
        with turn_if_free(lock) as free:
            if free:
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                lock.unlink(missing_ok=True)
                cleaned.append(lock.stem)
    return cleaned
