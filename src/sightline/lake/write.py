"""Loading rows: stage, audit, merge by key, one commit, publish."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from sightline.definitions.catalog import did_you_mean
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import UserError
from sightline.lake import sql
from sightline.lake.audit import Reason, Verdict, audit
from sightline.lake.commit import Load, base_for, commit_accepted
from sightline.lake.merge import Base, MergePlan, plan_merge
from sightline.lake.quarantine import hold
from sightline.lake.rows import Origin
from sightline.lake.rules import BAD_PREFIX, Reference
from sightline.lake.schema import SQL_TYPES
from sightline.lake.snapshot import Snapshot
from sightline.lake.staging import staging
from sightline.lake.store import Lake


class BadTable(UserError):
    """Rows that do not fit the dataset they were given for."""

    code = "SL-E204"


def publish_table(
    lake: Lake, dataset: Dataset, table: pa.Table, *, zone: str, now: datetime, run: str, memory: str = "1GB"
) -> Snapshot:
    """Return the snapshot in which these rows are published, unaudited: for sample data, tests and benchmarks.

    Columns are cast to their declared types (a timestamp without zone counts as UTC); columns left out are empty, or
    keep their value when a row replaces one of the same key. Rows without a key are added once per `run`. Raises
    BadTable for unknown columns and repeated keys.
    """
    provided = _provided(dataset, table.column_names)
    load = Load(lake, dataset, Origin(run, now, zone), provided)
    with staging(lake, run, memory=memory) as scratch:
        scratch.register("arrived", table)
        _accept_arrived(scratch, dataset, provided, numbered="_row" in table.column_names)
        _require_distinct_keys(scratch, dataset)
        return commit_accepted(load, scratch)[1]


@dataclass(frozen=True)
class Written:
    """What became of a batch. In a dry run `snapshot` is the current one and nothing was written."""

    run: str
    received: int
    accepted: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    reasons: tuple[Reason, ...]
    warnings: tuple[Reason, ...]
    snapshot: Snapshot


def write(
    lake: Lake,
    dataset: Dataset,
    batches: Iterable[pa.RecordBatch],
    *,
    zone: str,
    now: datetime,
    run: str,
    references: Mapping[str, Reference],
    dry_run: bool = False,
    memory: str = "256MB",
) -> Written:
    """Return what became of typed rows after audit, merge and publication. Rows without `_row` are numbered from 1.

    The same run may be written again: it completes what was interrupted and adds nothing twice.
    """
    with staging(lake, run, memory=memory) as scratch:
        names = stage(batches, lake.staging(run) / "typed.parquet", scratch)
        load = Load(lake, dataset, Origin(run, now, zone), _provided(dataset, names))
        return write_incoming(load, scratch, references=references, dry_run=dry_run)


def stage(batches: Iterable[pa.RecordBatch], path: Path, scratch: duckdb.DuckDBPyConnection) -> list[str]:
    """Write a stream of typed rows to a file, make it the relation `incoming`, and return its columns."""
    stream = iter(batches)
    first = next(stream, None)
    if first is None:
        raise BadTable("there are no rows: not even an empty batch that tells the columns")
    with pq.ParquetWriter(path, first.schema) as writer:
        for batch in itertools.chain([first], stream):
            writer.write_batch(batch)
    numbered = "*" if "_row" in first.schema.names else "* EXCLUDE (file_row_number), file_row_number + 1 AS _row"
    option = "" if "_row" in first.schema.names else ", file_row_number = true"
    staged = f"SELECT {numbered} FROM read_parquet({sql.path_of(path)}{option})"  # noqa: S608 # our own path
    scratch.execute(f"CREATE TEMP VIEW incoming AS {staged}")
    return list(first.schema.names)


def write_incoming(
    load: Load, scratch: duckdb.DuckDBPyConnection, *, references: Mapping[str, Reference], dry_run: bool = False
) -> Written:
    """Return what became of the rows of the relation `incoming` (see `lake.audit` for its columns)."""
    if dry_run:
        base, evolution = base_for(load)
        verdict = audit(scratch, load, base, references)
        plan = plan_merge(
            scratch, base, load.dataset, provided=load.provided, evolution=evolution, zone=load.origin.zone
        )
        return _written(load, verdict, plan, load.lake.snapshot())
    verdicts: list[Verdict] = []

    def prepare(base: Base) -> None:
        verdicts.append(audit(scratch, load, base, references))
        hold(scratch, load, verdicts[-1])

    plan, snapshot = commit_accepted(load, scratch, prepare=prepare)
    return _written(load, verdicts[-1], plan, snapshot)


def _written(load: Load, verdict: Verdict, plan: MergePlan, snapshot: Snapshot) -> Written:
    return Written(
        run=load.origin.run,
        received=verdict.received,
        accepted=verdict.accepted,
        inserted=plan.inserted,
        updated=plan.updated,
        unchanged=plan.unchanged,
        rejected=verdict.rejected,
        reasons=tuple(reason for reason in verdict.reasons if reason.severity == "quarantine"),
        warnings=tuple(reason for reason in verdict.reasons if reason.severity == "warn"),
        snapshot=snapshot,
    )


def _provided(dataset: Dataset, names: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if name != "_row" and not name.startswith(BAD_PREFIX) and name not in dataset.columns:
            raise BadTable(f'dataset "{dataset.name}" has no column "{name}"', hint=did_you_mean(name, dataset.columns))
    return tuple(name for name in names if name in dataset.columns)


def _accept_arrived(
    scratch: duckdb.DuckDBPyConnection, dataset: Dataset, provided: Sequence[str], *, numbered: bool
) -> None:
    columns: list[exp.Expr] = [
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
