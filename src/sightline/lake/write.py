"""Loading rows: stage, audit, merge by key, one commit, publish."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import duckdb
import pyarrow as pa
from sqlglot import exp

from sightline.definitions.catalog import did_you_mean
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import UserError
from sightline.lake import sql
from sightline.lake.commit import Load, commit_accepted
from sightline.lake.rows import Origin
from sightline.lake.schema import SQL_TYPES
from sightline.lake.snapshot import Snapshot
from sightline.lake.store import Lake
from sightline.lake.turn import turn


class BadTable(UserError):
    """Rows that do not fit the dataset they were given for."""

    code = "SL-E204"


def publish_table(
    lake: Lake, dataset: Dataset, table: pa.Table, *, zone: str, now: datetime, run: str, memory: str = "1GB"
) -> Snapshot:
    """Return the snapshot in which these rows are published, unaudited: for sample data, tests and benchmarks.

    Columns are cast to their declared types (a timestamp without zone counts as UTC); columns left out are empty, or keep
    their value when a row replaces one of the same key. Raises BadTable for unknown columns and repeated keys.
    """
    provided = _provided(dataset, table.column_names)
    load = Load(lake, dataset, Origin(run, now, zone), provided)
    with staging(lake, run, memory=memory) as scratch:
        scratch.register("arrived", table)
        _accept_arrived(scratch, dataset, provided, numbered="_row" in table.column_names)
        _require_distinct_keys(scratch, dataset)
        return commit_accepted(load, scratch)[1]


def _provided(dataset: Dataset, names: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if name != "_row" and name not in dataset.columns:
            raise BadTable(f'dataset "{dataset.name}" has no column "{name}"', hint=did_you_mean(name, dataset.columns))
    return tuple(name for name in names if name != "_row")


def _accept_arrived(
    scratch: duckdb.DuckDBPyConnection, dataset: Dataset, provided: Sequence[str], *, numbered: bool
) -> None:
    columns: list[exp.Expression] = [
        exp.alias_(sql.cast(sql.column(name), SQL_TYPES[dataset.columns[name].type]), name, quoted=True)
        for name in provided
    ]
    columns.append(
        sql.column("_row") if numbered else exp.maybe_parse("row_number() OVER () AS _row", dialect="duckdb")
    )
    query = exp.select(*columns).from_("arrived")
    sql.run(scratch, exp.Create(this=exp.to_table("accepted"), kind="VIEW", expression=query))


def _require_distinct_keys(scratch: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    keys = dataset.key_columns
    if not keys:
        return
    names = ", ".join(f'"{key}"' for key in keys)
    query = f"SELECT {names}, count(*) FROM accepted GROUP BY ALL HAVING count(*) > 1 LIMIT 1"  # noqa: S608 # names are checked
    repeated = scratch.execute(query).fetchone()
    if repeated:
        raise BadTable(f'dataset "{dataset.name}": key {names} = {repeated[:-1]} is in {repeated[-1]} rows')


@contextmanager
def staging(lake: Lake, run: str, *, memory: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a scratch database that spills into the run's staging folder, and remove the folder afterwards."""
    folder = lake.staging(run)
    with turn(lake.root / "_staging" / f"{run}.lock"):
        try:
            with sql.scratch(folder, memory=memory) as scratch:
                yield scratch
        finally:
            shutil.rmtree(folder, ignore_errors=True)
