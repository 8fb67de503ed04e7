"""The sample company of the saas pack: behind the metrics layer, and as plain tables that SQL reads."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from sample_company import END, NOW, ZONE, Company, read_module

from sightline.definitions.loader import load, shipped_pack
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.definitions.schema.pack import Settings
from sightline.engines.duckdb import DuckDB
from sightline.lake.store import Lake
from sightline.lake.write import publish_table
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.question import Question
from sightline.metrics.warehouse import Warehouse

MONTHS = [date(2024 + (3 + number) // 12, (3 + number) % 12 + 1, 1) for number in range(24)]
"""The first days of the months of the sample."""
_MADE: list[Company] = []


def pack_folder() -> Path:
    """Return the folder of the pack."""
    folder = shipped_pack("saas")
    assert folder is not None
    return folder


@cache
def read_sample() -> ModuleType:
    """Return the generator."""
    return read_module(pack_folder() / "sample.py", "saas_sample")


@cache
def tables(*, problems: bool = False) -> dict[str, pa.Table]:
    """Return the sample of seed 7."""
    made: dict[str, pa.Table] = read_sample().generate(seed=7, end=END, problems=problems)
    return made


def make_saas_warehouse(root: Path, rows: dict[str, pa.Table]) -> Warehouse:
    """Return a warehouse of the pack with these tables."""
    loaded = load(settings=Settings(workspace="test", zone=ZONE), packs=[pack_folder()], overrides=None)
    assert not loaded.errors, "\n".join(str(issue) for issue in loaded.errors)
    lake = Lake(root)
    for number, (name, table) in enumerate(rows.items()):
        publish_table(lake, loaded.catalog.dataset(name), table, zone=ZONE, now=NOW, run=f"run{number}")
    return Warehouse(catalog=loaded.catalog, lake=lake, engine=DuckDB(root))


def make_company(places: pytest.TempPathFactory) -> Company:
    """Return the sample company, made once a run, and its rows as tables named `raw_…`."""
    if not _MADE:
        oracle = duckdb.connect()
        oracle.execute("SET TimeZone = 'UTC'")
        for name, table in tables().items():
            oracle.register(f"arrow_{name}", table)
            oracle.execute(f"CREATE TABLE raw_{name} AS SELECT * FROM arrow_{name}")  # noqa: S608 - our own names
        _MADE.append(Company(make_saas_warehouse(places.mktemp("saas"), tables()), oracle))
    return _MADE[0]


def answer_of(warehouse: Warehouse, *metrics: str, **more: Any) -> Answer:
    """Return the answer to a question about the pack."""
    return ask(Question(metrics, **more), SYSTEM_VIEWER, warehouse=warehouse, now=NOW)
