"""What the long-running processes load: the worker stays small, and heavy duties run in processes that end."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("duckdb", "pyarrow", "deltalake", "numpy", "httpx", "sqlalchemy", "sightline.lake", "sightline.sources")
LOAD = f"""
import sys
import django
django.setup()
import {{module}}
print(*(name for name in {HEAVY} if name in sys.modules))
"""


def loaded(module: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOAD.format(module=module)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("module", ["sightline.cli.worker", "sightline.cli.serve", "sightline.cli.demo"])
def test_processes_that_wait_load_neither_engine_nor_lake_nor_connectors(module: str) -> None:
    assert loaded(module) == []
