"""Rewriting stored files without new rows: to join small ones, to move days to another zone, to let rows go or move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
from sqlglot import exp

from sightline.definitions.schema.dataset import Dataset
from sightline.lake import sql
from sightline.lake.commit import ATTEMPTS, pause
from sightline.lake.files import ROWS_PER_GROUP, discard, write_files
from sightline.lake.merge import Base, base_of
from sightline.lake.publish import publish
from sightline.lake.rows import in_file_order, stored_rows
from sightline.lake.snapshot import Snapshot
from sightline.lake.store import Lake
from sightline.lake.table import Commit, CommitConflict, DataFile
from sightline.lake.turn import turn


@dataclass(frozen=True)
class Rewriting:
    """Which files to write anew, which rows of them to keep, and the zone of their days (None: as it is).

    `values` are columns that get another value; of rows that then share their key one stays (`one_per_key`).
    """

    files: Sequence[DataFile]
    keep: exp.Expr | None = None
    zone: str | None = None
    changes_data: bool = True
    values: Mapping[str, exp.Expr] = field(default_factory=dict)
    one_per_key: bool = False


Plan = Callable[[Base, sql.Bindings], Rewriting | None]
"""What to do with the newest version; None when there is nothing to do."""


def rewrite(
    lake: Lake, dataset: Dataset, plan: Plan, *, scratch: duckdb.DuckDBPyConnection, now: datetime
) -> Snapshot | None:
    """Return the snapshot in which the rewritten version is published, or None when there was nothing to do."""
    for attempt in range(ATTEMPTS):
        with turn(lake.root / "_locks" / dataset.name):
            try:
                return _rewrite_once(lake, dataset, plan, scratch, now)
            except CommitConflict:
                if attempt == ATTEMPTS - 1:
                    raise
        pause(attempt)
    raise AssertionError("unreachable")


def _rewrite_once(
    lake: Lake, dataset: Dataset, plan: Plan, scratch: duckdb.DuckDBPyConnection, now: datetime
) -> Snapshot | None:
    table = lake.table(dataset.name)
    state = table.state()
    if state is None or not state.files:
        return None
    base, bindings = base_of(table.folder, state), sql.Bindings()
    rewriting = plan(base, bindings)
    if rewriting is None:
        return None
    zone = rewriting.zone or base.facts.zone
    query = _rows(base, dataset, rewriting, bindings)
    rows = sql.run(scratch, query, bindings).to_arrow_reader(ROWS_PER_GROUP)
    files = write_files(rows, folder=table.folder, layout=state.layout, zone=zone)
    if sum(file.rows for file in files) == 0 and len(rewriting.files) < len(state.files):
        discard(table.folder, files)
        files = []
    commit = Commit(files, rewriting.files, changes_data=rewriting.changes_data)
    try:
        state = table.commit(state, commit, now_ms=int(now.timestamp() * 1000))
    except CommitConflict:
        discard(table.folder, files)
        raise
    return publish(lake, dataset, state, now=now, scratch=scratch)


def _rows(base: Base, dataset: Dataset, rewriting: Rewriting, bindings: sql.Bindings) -> exp.Select:
    zone = bindings.value(rewriting.zone) if rewriting.zone else None
    columns = stored_rows(base.state.layout, columns=base.facts.columns, zone=zone)
    query = exp.select(*[_replaced(column, rewriting.values) for column in columns]).from_(
        sql.scan(base.paths(rewriting.files), bindings, "e")
    )
    if rewriting.keep is not None:
        query = query.where(rewriting.keep)
    rows: exp.Query = query
    if rewriting.one_per_key and dataset.key_columns:
        rows = (
            exp.select("*").from_(query.subquery("moved")).distinct(*[sql.column(key) for key in dataset.key_columns])
        )
    return in_file_order(rows, dataset, base.state.layout)


def _replaced(column: exp.Expr, values: Mapping[str, exp.Expr]) -> exp.Expr:
    value = values.get(column.alias)
    return column if value is None else exp.alias_(sql.cast(value, "VARCHAR"), column.alias, quoted=True)
