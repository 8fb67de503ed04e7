"""Which rows of certain runs are not named any more: for sources that do not tell what they deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
from sqlglot import exp

from sightline.definitions.schema.dataset import Dataset
from sightline.lake import sql
from sightline.lake.staging import staging
from sightline.lake.store import Lake

Prepare = Callable[[duckdb.DuckDBPyConnection], None]
"""Makes the relation `named` with the column of what is still there, typed as in the dataset."""


@dataclass(frozen=True)
class Absent:
    """The values that are not named any more, as text; how many rows the runs in question wrote last; how many values
    are named at all."""

    values: tuple[str, ...]
    own: int
    named: int


def absent_values(
    lake: Lake, dataset: Dataset, *, column: str, run_prefix: str, retried_prefix: str, prepare: Prepare, run: str
) -> Absent:
    """Return what of a key column is published by certain runs and not named.

    The runs are those whose ids begin with `run_prefix`, or have `retried_prefix` in them. Rows of other runs are left
    alone, whatever is named. `run` names the scratch folder.
    """
    relation = lake.relation(dataset.name, lake.snapshot())
    if relation is None or not relation.files or column not in relation.columns:
        return Absent((), 0, 0)
    with staging(lake, f"{run}-absent-{dataset.name}", memory="256MB") as scratch:
        prepare(scratch)
        bindings = sql.Bindings()
        is_own = exp.or_(
            exp.StartsWith(this=sql.column("_run", "e"), expression=bindings.value(run_prefix)),
            exp.Anonymous(this="contains", expressions=[sql.column("_run", "e"), bindings.value(retried_prefix)]),
        )
        same = exp.EQ(this=sql.column(column, "n"), expression=sql.column(column, "e"))
        is_named = exp.Exists(this=exp.select("1").from_("named AS n").where(same))
        own = exp.select(
            exp.alias_(sql.cast(sql.column(column, "e"), "VARCHAR"), "value"), exp.alias_(is_named, "is_named")
        )
        own = own.from_(sql.scan(relation.files, bindings, "e")).where(is_own)
        sql.run(scratch, exp.Create(this=exp.to_table("own"), kind="TABLE", expression=own), bindings)
        gone = scratch.execute("SELECT value FROM own WHERE NOT is_named ORDER BY value").fetchall()
        counts = scratch.execute("SELECT (SELECT count(*) FROM own), (SELECT count(*) FROM named)").fetchone()
        return Absent(tuple(value for (value,) in gone), *(counts or (0, 0)))
