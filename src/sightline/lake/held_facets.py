"""What the held rows of a dataset have in common: the runs that brought them, the checks they broke."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
from sqlglot import exp

from sightline.lake import sql
from sightline.lake.quarantine import HELD
from sightline.lake.store import Lake


def held_by_checks(lake: Lake, dataset: str, scratch: duckdb.DuckDBPyConnection) -> Mapping[tuple[str, str], int]:
    """Return the number of held rows of a dataset by run and by the checks they broke, as they are stored."""
    table = lake.quarantine(dataset)
    state = table.state()
    if state is None or not state.files:
        return {}
    bindings = sql.Bindings()
    files = [str(table.folder / file.path) for file in state.files]
    names = [sql.column("run"), sql.column("checks")]
    query = exp.select(*names, "count(*)").from_(sql.scan(files, bindings)).group_by(*names)
    query = query.where(exp.EQ(this=sql.column("state"), expression=bindings.value(HELD)))
    return {(run, checks): count for run, checks, count in sql.run(scratch, query, bindings).fetchall()}
