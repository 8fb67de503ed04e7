"""Running an import: the file's text into staging, typed there in one query, then audited and published by the lake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from sqlglot import exp

from sightline.definitions.built_in import KEPT
from sightline.errors import UserError
from sightline.ingest.convert import day_first_in, typed_rows
from sightline.ingest.plan import ImportPlan
from sightline.lake import sql
from sightline.lake.commit import Load
from sightline.lake.rows import Origin
from sightline.lake.rules import Reference
from sightline.lake.staging import staging
from sightline.lake.store import Lake
from sightline.lake.write import Written, write_incoming
from sightline.sources.files.formats import Opened

MEMORY = "192MB"


class KeptDataset(UserError):
    """A dataset that Sightline keeps itself: nothing is imported or entered into it."""

    code = "SL-E388"


@dataclass(frozen=True)
class Progress:
    """How far an import is: what it does now, rows read so far, and the part of the whole from 0 to 1."""

    doing: str
    rows: int
    fraction: float


Watcher = Callable[[Progress], None]


def run_import(
    plan: ImportPlan,
    opened: Opened,
    lake: Lake,
    *,
    references: Mapping[str, Reference],
    now: datetime,
    dry_run: bool,
    watch: Watcher,
) -> Written:
    """Return what became of the rows of a file. Memory stays bounded however large the file is.

    Raises KeptDataset for a dataset that nobody fills.
    """
    if plan.dataset.name in KEPT:
        raise KeptDataset(f'dataset "{plan.dataset.name}" is kept by Sightline itself', hint="Name one of your own.")
    staged_as = f"{plan.run}-dry" if dry_run else plan.run
    with staging(lake, staged_as, memory=MEMORY) as scratch:
        rows = _stage_text(scratch, plan, opened, lake.staging(staged_as) / "raw.parquet", watch)
        _stage_typed(scratch, plan, lake.staging(staged_as) / "typed.parquet")
        watch(Progress("checking", rows, 0.7))
        load = Load(lake, plan.dataset, Origin(plan.run, now, plan.zone), tuple(plan.mapped.positions), plan.excused)
        written = write_incoming(load, scratch, references=references, dry_run=dry_run)
        watch(Progress("done", rows, 1.0))
        return written


def _stage_text(
    scratch: duckdb.DuckDBPyConnection, plan: ImportPlan, opened: Opened, path: Path, watch: Watcher
) -> int:
    """Write the file's text to staging and make it the relations `text_` and `raw`; return the number of rows."""
    rows = 0
    with pq.ParquetWriter(path, opened.schema, compression="lz4", write_statistics=False) as writer:
        for batch in opened.batches():
            writer.write_batch(batch)
            rows += batch.num_rows
            watch(Progress("reading", rows, 0.6 * opened.fraction()))
    scratch.execute(f"CREATE VIEW text_ AS SELECT * FROM read_parquet({sql.path_of(path)})")  # noqa: S608 # our own path
    record = exp.Anonymous(this="json_object", expressions=_named_values(plan.columns))
    told = exp.Anonymous(this="json_object", expressions=[exp.Literal.string("line"), exp.column("_malformed")])
    whole = exp.Case().when("_malformed IS NOT NULL", told).else_(record)
    raw = exp.select("_row", exp.alias_(sql.cast(whole, "VARCHAR"), "record")).from_("text_")
    sql.run(scratch, exp.Create(this=exp.to_table("raw"), kind="VIEW", expression=raw))
    return rows


def _named_values(columns: tuple[str, ...]) -> list[exp.Expr]:
    pairs = ((exp.Literal.string(name), exp.column(f"c{number}")) for number, name in enumerate(columns))
    return [part for pair in pairs for part in pair]


def _stage_typed(scratch: duckdb.DuckDBPyConnection, plan: ImportPlan, path: Path) -> None:
    """Convert the text and make the result the relation `incoming`."""
    reading = plan.reading
    if plan.mapped.file.day_first is None:
        reading = replace(reading, day_first=day_first_in(scratch, "text_", plan.dataset, plan.mapped))
    bindings = sql.Bindings()
    query = typed_rows(plan.dataset, plan.mapped, reading, source="text_", bindings=bindings)
    statement = f"COPY ({query.sql(dialect=sql.DIALECT)}) TO {sql.path_of(path)} (FORMAT parquet)"
    scratch.execute(statement, bindings.values)
    scratch.execute(f"CREATE VIEW incoming AS SELECT * FROM read_parquet({sql.path_of(path)})")  # noqa: S608 # our own path
