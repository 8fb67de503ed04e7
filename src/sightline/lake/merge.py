"""Deciding what a batch does to a table: which rows are new, changed or as they were, and which files are rewritten.

Works on the relation `accepted` of the scratch database (the rows to load, with `_row`) and the files of the base
version. Leaves the table `matched` (`_row`, `file`, `unchanged`) for the statement that produces the rows to write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from sqlglot import exp

from sightline.definitions.schema.dataset import Dataset
from sightline.lake import sql
from sightline.lake.files import Facts, facts_of
from sightline.lake.rows import Origin, in_file_order, keys_equal, new_rows, stored_rows
from sightline.lake.schema import Evolution
from sightline.lake.table import DataFile, State


@dataclass(frozen=True)
class MergePlan:
    """What one commit will do. `rewritten` files are replaced; `everything` when the zone or a type changes too."""

    inserted: int
    updated: int
    unchanged: int
    rewritten: tuple[DataFile, ...] = ()
    everything: bool = False

    @property
    def writes(self) -> bool:
        """Whether there is anything to commit."""
        return bool(self.inserted or self.updated or self.everything)


@dataclass(frozen=True)
class Base:
    """The version a batch is planned on."""

    folder: Path
    state: State
    facts: Facts

    def paths(self, files: Sequence[DataFile] | None = None) -> list[str]:
        return [str(self.folder / file.path) for file in (self.state.files if files is None else files)]


def base_of(folder: Path, state: State) -> Base:
    """Return a version with what its files hold."""
    return Base(folder, state, facts_of(folder, state.files))


def plan_merge(
    scratch: duckdb.DuckDBPyConnection,
    base: Base,
    dataset: Dataset,
    *,
    provided: Sequence[str],
    evolution: Evolution,
    zone: str,
) -> MergePlan:
    """Return what loading `accepted` onto the base does."""
    everything = bool(base.state.files) and (bool(evolution.widened) or base.facts.zone != zone)
    touched = _files_with_keys(scratch, base, dataset)
    _match(scratch, base, dataset, touched, provided)
    counts = scratch.execute(
        "SELECT (SELECT count(*) FROM accepted), count(*) FILTER (NOT unchanged), count(*) FILTER (unchanged) "
        "FROM matched"
    ).fetchone()
    total, updated, unchanged = counts or (0, 0, 0)
    changed = {path for (path,) in scratch.execute("SELECT DISTINCT file FROM matched WHERE NOT unchanged").fetchall()}
    by_path = {str(base.folder / file.path): file for file in base.state.files}
    rewritten = base.state.files if everything else tuple(by_path[path] for path in sorted(changed))
    return MergePlan(total - updated - unchanged, updated, unchanged, rewritten, everything)


def _files_with_keys(scratch: duckdb.DuckDBPyConnection, base: Base, dataset: Dataset) -> list[str]:
    """Return the files that hold any incoming key. Only key columns are read, so this is quick on large tables."""
    keys = dataset.key_columns
    if not keys or not any(file.rows for file in base.state.files) or not set(keys) <= set(base.facts.columns):
        return []
    bindings = sql.Bindings()
    incoming = exp.select("1").from_("accepted AS i").where(keys_equal(keys, "i", "e"))
    query = (
        exp.select(exp.column("filename", table="e"))
        .distinct()
        .from_(sql.scan(base.paths(), bindings, "e"))
        .where(exp.Exists(this=incoming))
    )
    return [path for (path,) in sql.run(scratch, query, bindings).fetchall()]


def _match(
    scratch: duckdb.DuckDBPyConnection, base: Base, dataset: Dataset, files: list[str], provided: Sequence[str]
) -> None:
    scratch.execute("CREATE OR REPLACE TEMP TABLE matched (_row BIGINT, file VARCHAR, unchanged BOOLEAN)")
    if not files:
        return
    bindings = sql.Bindings()
    unchanged = sql.all_of(
        sql.same(sql.column(name, "i"), sql.column(name, "e") if name in base.facts.columns else exp.null())
        for name in provided
    )
    query = (
        exp.select(sql.column("_row", "i"), exp.column("filename", table="e"), unchanged)
        .from_("accepted AS i")
        .join(sql.scan(files, bindings, "e"), on=keys_equal(dataset.key_columns, "i", "e"))
    )
    sql.run(scratch, exp.insert(query, "matched"), bindings)


def rows_to_write(
    base: Base,
    dataset: Dataset,
    plan: MergePlan,
    *,
    provided: Sequence[str],
    evolution: Evolution,
    origin: Origin,
    bindings: sql.Bindings,
) -> exp.Select:
    """Return the query of all rows the commit writes, in file order: new and changed ones, and what stays with them."""
    layout = evolution.layout
    missing = set(layout.fields.names) - set(provided) - {"_run", "_row", "_loaded_at"}
    replaces = bool(plan.updated and missing)
    fresh = (
        exp.select(*new_rows(layout, origin, provided=provided, old="o" if replaces else None, bindings=bindings))
        .from_("accepted AS i")
        .where("NOT EXISTS (SELECT 1 FROM matched AS m WHERE m._row = i._row AND m.unchanged)")
    )
    if replaces:
        fresh = fresh.join(
            _replaced(base, dataset, plan, layout.fields.names, bindings),
            on=keys_equal(dataset.key_columns, "i", "o"),
            join_type="left",
        )
    rows: exp.Expr = fresh
    if plan.rewritten:
        rows = exp.union(fresh, _staying(base, dataset, plan, evolution, origin.zone, bindings), distinct=False)
    return in_file_order(rows, dataset, layout)


def _replaced(base: Base, dataset: Dataset, plan: MergePlan, names: Sequence[str], bindings: sql.Bindings) -> exp.Expr:
    columns = [
        exp.alias_(sql.column(name, "e") if name in base.facts.columns else exp.null(), name, quoted=True)
        for name in names
    ]
    scan = sql.scan(base.paths(plan.rewritten), bindings, "e")
    rows = exp.select(*columns).from_(scan).where(exp.Exists(this=_changed_row(dataset)))
    return exp.Subquery(this=rows, alias=exp.TableAlias(this=exp.to_identifier("o")))


def _staying(
    base: Base, dataset: Dataset, plan: MergePlan, evolution: Evolution, zone: str, bindings: sql.Bindings
) -> exp.Select:
    anew = bindings.value(zone) if base.facts.zone != zone else None
    query = exp.select(*stored_rows(evolution.layout, columns=base.facts.columns, zone=anew)).from_(
        sql.scan(base.paths(plan.rewritten), bindings, "e")
    )
    if dataset.key_columns and plan.updated:
        query = query.where(exp.Not(this=exp.Exists(this=_changed_row(dataset))))
    return query


def _changed_row(dataset: Dataset) -> exp.Select:
    """The incoming row that replaces the stored row `e`."""
    return (
        exp.select("1")
        .from_("accepted AS n")
        .join("matched AS m", on="m._row = n._row AND NOT m.unchanged")
        .where(keys_equal(dataset.key_columns, "n", "e"))
    )
