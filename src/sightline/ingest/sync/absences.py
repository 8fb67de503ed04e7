"""Rows whose record is gone from the source, found by comparing keys: only where people ask for it.

All keys are read once more, converted as the rows are, and compared with the rows that this stream wrote last. Reading
them must come to its end, and find some; and when more would go than the stream allows, none does and the sync says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa
from sqlglot import exp

from sightline.definitions.schema.dataset import Dataset
from sightline.ingest.convert import Reading, typed_rows
from sightline.ingest.mapping import MapFile, Mapped
from sightline.ingest.origins import ORIGIN
from sightline.ingest.records import record_batches
from sightline.ingest.sync.chunks import run_prefix
from sightline.ingest.sync.following import follow_deletes, key_column
from sightline.ingest.sync.plan import CannotSync, StreamPlan
from sightline.ingest.sync.stream import Target
from sightline.lake import sql
from sightline.lake.absent import absent_values
from sightline.sources.base import KnowsKeys, Record
from sightline.sources.base import Source as OpenSource

ALWAYS_ALLOWED = 10
"""So few rows may go whatever their part of the whole: a small table changes by large parts."""
COMPARABLE = ("string", "integer")
"""Other values have several spellings, and how those are read may depend on all columns of all rows."""


@dataclass(frozen=True)
class _Keys:
    """How the keys of a stream are read as the values of a column of its dataset."""

    dataset: Dataset
    column: str
    source_column: str
    map: MapFile
    zone: str


def follow_absences(connection: OpenSource, plan: StreamPlan, target: Target, *, run: str, now: datetime) -> int:
    """Return how many records' rows were removed because the source has them no more. Raises CannotSync."""
    if plan.spec.deletes != "compare" or plan.is_backfill:
        return 0
    keys = _keys(plan, target)
    if not isinstance(connection, KnowsKeys):
        raise CannotSync(
            f'a source of type "{target.spec.type}" cannot list the keys it has',
            hint='Write "remove" or "keep" under "deletes".',
        )
    prefix = run_prefix(target.source.name, plan.stream.name)
    with closing(connection.keys(plan.stream)) as pages:
        absent = absent_values(
            target.folder.lake,
            plan.dataset,
            column=keys.column,
            run_prefix=prefix,
            retried_prefix=ORIGIN + prefix,
            prepare=lambda scratch: _name(scratch, keys, pages),
            run=run,
        )
    _require_few(plan, gone=len(absent.values), own=absent.own, named=absent.named)
    return follow_deletes(target.folder, target.spec, plan, absent.values, run=run, now=now)


def _keys(plan: StreamPlan, target: Target) -> _Keys:
    column, stream = key_column(plan), plan.stream
    fits = column is not None and len(stream.key) == 1 and tuple(plan.dataset.key_columns) == (column,)
    if column is None or not fits or plan.dataset.columns[column].type not in COMPARABLE:
        raise CannotSync(
            f'keys of stream "{stream.name}" cannot be compared: its key ({", ".join(stream.key)}) must be one column '
            f'that fills the key of "{plan.dataset.name}" ({", ".join(plan.dataset.key_columns)}), text or an integer',
            hint='Write "remove" or "keep" under "deletes".',
        )
    zone = plan.mapping.zone or plan.dataset.zone or target.folder.catalog.settings.zone
    return _Keys(plan.dataset, column, stream.key[0], plan.mapping, zone)


def _name(scratch: duckdb.DuckDBPyConnection, keys: _Keys, pages: Iterable[Iterable[Record]]) -> None:
    """Make the relation `named` of the source's keys, converted as the rows are."""
    mapped = Mapped({keys.column: 0}, {keys.column: keys.source_column}, (), (), keys.map)
    reading = Reading(zone=keys.zone, day_first=bool(keys.map.day_first))
    scratch.execute("CREATE TEMP TABLE texts (c0 VARCHAR, _row BIGINT, _malformed VARCHAR)")
    for page in pages:
        for batch in record_batches(list(page), (keys.source_column,)):
            scratch.register("arriving", pa.Table.from_batches([batch]))
            scratch.execute("INSERT INTO texts SELECT c0, _row, _malformed FROM arriving")
            scratch.unregister("arriving")
    bindings = sql.Bindings()
    typed = typed_rows(keys.dataset, mapped, reading, source="texts", bindings=bindings)
    named = exp.select(sql.column(keys.column)).distinct().from_(typed.subquery("typed"))
    sql.run(scratch, exp.Create(this=exp.to_table("named"), kind="TABLE", expression=named), bindings)


def _require_few(plan: StreamPlan, *, gone: int, own: int, named: int) -> None:
    most = max(own * plan.spec.deletes_at_most // 100, ALWAYS_ALLOWED)
    if gone and not named:
        raise CannotSync(
            f'stream "{plan.stream.name}" has no rows at all, {own:,} are here; none was removed',
            hint="If it is meant to be empty, remove the source's rows by hand.",
        )
    if gone > most:
        raise CannotSync(
            f'{gone:,} of {own:,} rows of stream "{plan.stream.name}" are gone from the source, more than '
            f"{plan.spec.deletes_at_most} %; none was removed",
            hint='Look at the source. If that is right, raise "deletes_at_most" of the stream for one sync.',
        )
