"""Letting single rows go, or giving them to somebody else: what a source deleted or joined is followed here.

Older snapshots keep the rows as they were. Entities are named by text keys.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import duckdb
from sqlglot import exp

from sightline.definitions.schema.dataset import Dataset
from sightline.lake import sql
from sightline.lake.merge import Base
from sightline.lake.rewrite import Rewriting, rewrite
from sightline.lake.snapshot import Snapshot
from sightline.lake.staging import staging
from sightline.lake.store import Lake
from sightline.lake.table import DataFile


def remove_rows(
    lake: Lake, dataset: Dataset, *, column: str, values: Collection[str], run: str, now: datetime
) -> Snapshot | None:
    """Return the snapshot without the rows whose column has one of these values; None when there is no such row."""
    if not values:
        return None
    with staging(lake, f"{run}-remove-{dataset.name}", memory="256MB") as scratch:
        _register(scratch, dict.fromkeys(values))

        def plan(base: Base, _: sql.Bindings) -> Rewriting | None:
            files = _files_with(scratch, base, column)
            return Rewriting(files, keep=exp.Not(this=_is_named(column))) if files else None

        return rewrite(lake, dataset, plan, scratch=scratch, now=now)


def reassign_rows(
    lake: Lake, dataset: Dataset, *, column: str, moves: Mapping[str, str], run: str, now: datetime
) -> Snapshot | None:
    """Return the snapshot in which rows of each old value have the new one; None when there is no such row.

    When the column is part of the key, rows that the new owner has already are not there twice.
    """
    if not moves:
        return None
    with staging(lake, f"{run}-reassign-{dataset.name}", memory="256MB") as scratch:
        _register(scratch, moves)
        in_key = column in dataset.key_columns

        def plan(base: Base, _: sql.Bindings) -> Rewriting | None:
            files = _files_with(scratch, base, column)
            if not files:
                return None
            if in_key:  # the new owner's rows may lie elsewhere
                files = _files_with(scratch, base, column, also_new=True)
            moved = exp.select("n.new").from_("named AS n").where(_equals(column, "old"))
            value = exp.Coalesce(this=moved.subquery(), expressions=[sql.column(column, "e")])
            return Rewriting(files, values={column: value}, one_per_key=in_key)

        return rewrite(lake, dataset, plan, scratch=scratch, now=now)


def _register(scratch: duckdb.DuckDBPyConnection, moves: Mapping[str, str | None]) -> None:
    """Make the relation `named` (old, new) of the values asked for."""
    scratch.execute("CREATE TEMP TABLE named (old VARCHAR, new VARCHAR)")
    bindings = sql.Bindings()
    old, new = bindings.value(list(moves)), bindings.value([moves[value] for value in moves])
    rows = exp.select(
        exp.alias_(exp.Anonymous(this="unnest", expressions=[old]), "old"),
        exp.alias_(exp.Anonymous(this="unnest", expressions=[new]), "new"),
    )
    sql.run(scratch, exp.insert(rows, "named"), bindings)


def _equals(column: str, side: str) -> exp.Expr:
    return exp.EQ(this=exp.column(side, table="n"), expression=sql.cast(sql.column(column, "e"), "VARCHAR"))


def _is_named(column: str, *, also_new: bool = False) -> exp.Expr:
    condition = _equals(column, "old")
    if also_new:
        condition = exp.or_(condition, _equals(column, "new"))
    return exp.Exists(this=exp.select("1").from_("named AS n").where(condition))


def _files_with(
    scratch: duckdb.DuckDBPyConnection, base: Base, column: str, *, also_new: bool = False
) -> list[DataFile]:
    if column not in base.facts.columns or not any(file.rows for file in base.state.files):
        return []
    bindings = sql.Bindings()
    query = exp.select(exp.column("filename", table="e")).distinct().from_(sql.scan(base.paths(), bindings, "e"))
    found = {
        path for (path,) in sql.run(scratch, query.where(_is_named(column, also_new=also_new)), bindings).fetchall()
    }
    return [file for file in base.state.files if str(base.folder / file.path) in found]
