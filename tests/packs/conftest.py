"""The sample company of the programs pack: once in the lake, and once as plain Parquet files for the oracle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from executive_company import Tables, board_of, make_tables
from sample_company import END, NOW, ZONE, Company, read_module

from sightline.definitions.loader import load, shipped_pack
from sightline.definitions.schema.pack import Settings
from sightline.engines.duckdb import DuckDB
from sightline.lake.store import Lake
from sightline.lake.write import publish_table
from sightline.metrics.warehouse import Warehouse


@pytest.fixture(scope="session")
def sample() -> ModuleType:
    folder = shipped_pack("programs")
    assert folder is not None
    return read_module(folder / "sample.py", "programs_sample")


@pytest.fixture(scope="session")
def clean_tables(sample: ModuleType) -> dict[str, pa.Table]:
    return sample.generate(seed=7, end=END, problems=False)


@pytest.fixture(scope="session")
def make_warehouse() -> Callable[..., Warehouse]:
    def make(root: Path, tables: dict[str, pa.Table], *, pack: Path, zone: str = ZONE, **settings: object) -> Warehouse:
        loaded = load(settings=Settings(workspace="test", zone=zone, **settings), packs=[pack], overrides=None)
        assert not loaded.errors, "\n".join(str(issue) for issue in loaded.errors)
        lake = Lake(root)
        for number, (name, table) in enumerate(tables.items()):
            publish_table(lake, loaded.catalog.dataset(name), table, zone=zone, now=NOW, run=f"run{number}")
        return Warehouse(catalog=loaded.catalog, lake=lake, engine=DuckDB(root))

    return make


@pytest.fixture(scope="session")
def company(
    tmp_path_factory: pytest.TempPathFactory,
    clean_tables: dict[str, pa.Table],
    make_warehouse: Callable[..., Warehouse],
) -> Iterator[Company]:
    root = tmp_path_factory.mktemp("company")
    pack = shipped_pack("programs")
    assert pack is not None
    warehouse = make_warehouse(root / "lake", clean_tables, pack=pack)
    oracle = duckdb.connect()
    oracle.execute("SET TimeZone = 'UTC'")
    for name, table in clean_tables.items():
        path = root / f"{name}.parquet"
        pq.write_table(table, path)
        oracle.execute(f"CREATE VIEW raw_{name} AS SELECT * FROM read_parquet('{path}')")  # noqa: S608 - our own names
    yield Company(warehouse, oracle)
    oracle.close()


@pytest.fixture(scope="session")
def tables() -> Tables:
    """The sample of the executive pack, once a run."""
    return make_tables()


@pytest.fixture(scope="session")
def board(
    tmp_path_factory: pytest.TempPathFactory, make_warehouse: Callable[..., Warehouse], tables: Tables
) -> Warehouse:
    """The sample company of the executive pack, read only."""
    return board_of(tmp_path_factory, make_warehouse, tables)
