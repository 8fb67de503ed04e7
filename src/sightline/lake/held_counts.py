"""How many rows each run left in quarantine."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
from sqlglot import exp

from sightline.lake import sql
from sightline.lake.quarantine import HELD
from sightline.lake.store import Lake


def held_by_run(lake: Lake, dataset: str, scratch: duckdb.DuckDBPyConnection) -> Mapping[str, int]:
    """Return the number of rows of a dataset that are held, by the run that brought them."""
    table = lake.quarantine(dataset)
    state = table.state()
    if state is None or not state.files:
        return {}
    bindings = sql.Bindings()
    files = [str(table.folder / file.path) for file in state.files]
    query = exp.select(sql.column("run"), "count(*)").from_(sql.scan(files, bindings)).group_by(sql.column("run"))
    query = query.where(exp.EQ(this=sql.column("state"), expression=bindings.value(HELD)))
    return dict(sql.run(scratch, query, bindings).fetchall())
