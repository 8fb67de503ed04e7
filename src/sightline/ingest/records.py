"""Records of a source into a dataset: the same way as a file goes, with the run's own id."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from sightline.definitions.schema.dataset import Dataset
from sightline.home import WorkspaceFolder
from sightline.ingest.convert import Reading
from sightline.ingest.mapping import MapFile, match, resolve
from sightline.ingest.plan import ImportPlan, references_of
from sightline.ingest.staged import Progress, run_import
from sightline.lake.rules import required_columns
from sightline.lake.write import Written
from sightline.sources.files.formats import ROWS_PER_BATCH, Opened, text_batch
from sightline.sources.text import text_of

Records = Sequence[Mapping[str, Any]]


def store_records(
    *,
    folder: WorkspaceFolder,
    dataset: Dataset,
    records: Records,
    mapping: MapFile,
    run: str,
    now: datetime,
    dry_run: bool = False,
    excused: bool = False,
) -> Written:
    """Return what became of records after mapping, conversion, audit, merge and publication.

    The same run with the same records may be stored again: nothing is added twice. A column that no record has and no
    map names keeps its value in rows that are replaced. `excused`: see `lake.commit.Load`.
    """
    catalog, lake = folder.catalog, folder.lake
    columns = columns_of(records, dataset, mapping)
    zone = catalog.settings.zone
    reading = Reading(zone=mapping.zone or dataset.zone or zone, day_first=bool(mapping.day_first))
    plan = ImportPlan(dataset, run, resolve(dataset, columns, mapping), reading, zone, columns, excused)
    references = references_of(dataset, catalog=catalog, lake=lake, snapshot=lake.snapshot())
    opened = Opened("records", columns, {}, lambda: record_batches(records, columns))
    return run_import(plan, opened, lake, references=references, now=now, dry_run=dry_run, watch=_ignore)


def columns_of(records: Records, dataset: Dataset, mapping: MapFile) -> tuple[str, ...]:
    """Return the source columns of records: those they have, those the map names, and what no row can do without.

    The last are there so that records which lack them are held one by one, with a reason, instead of all at once.
    """
    names = dict.fromkeys(itertools.chain.from_iterable(records))
    names |= dict.fromkeys(mapping.columns.values())
    found = match(dataset, tuple(names), mapping)
    names |= dict.fromkeys(name for name in required_columns(dataset) if name not in found.positions)
    return tuple(names)


def record_batches(records: Records, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Yield records as text, the way the rows of a file are."""
    for start in range(0, len(records), ROWS_PER_BATCH):
        part = records[start : start + ROWS_PER_BATCH]
        texts = [[text_of(record.get(name)) for record in part] for name in columns]
        yield text_batch(texts, list(range(start + 1, start + 1 + len(part))), [None] * len(part))


def _ignore(_: Progress) -> None:
    """Nobody watches."""
