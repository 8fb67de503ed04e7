"""Following a source's deletes and merges: in the stream's own dataset, and in those the same source fills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sightline.definitions.schema.dataset import Dataset
from sightline.home import WorkspaceFolder
from sightline.ingest.mapping import match
from sightline.ingest.spec import SourceSpec
from sightline.ingest.sync.plan import StreamPlan
from sightline.lake.remove import reassign_rows, remove_rows
from sightline.sources.base import Merged


def key_column(plan: StreamPlan) -> str | None:
    """Return the column of the dataset that the stream's key fills; None when the map leaves the key out."""
    names = plan.columns or plan.stream.columns or plan.stream.key
    sources = match(plan.dataset, names, plan.mapping).sources
    return next((column for column, source in sources.items() if source == plan.stream.key[0]), None)


def follow_deletes(
    folder: WorkspaceFolder, spec: SourceSpec, plan: StreamPlan, keys: Sequence[str], *, run: str, now: datetime
) -> int:
    """Return how many records' rows were removed, where the source's map says which row a record is."""
    column = key_column(plan)
    if not keys or column is None or plan.spec.deletes == "keep":
        return 0
    remove_rows(folder.lake, plan.dataset, column=column, values=keys, run=run, now=now)
    for dataset, foreign in _belonging(folder, spec, plan, column):
        remove_rows(folder.lake, dataset, column=foreign, values=keys, run=run, now=now)
    return len(keys)


def follow_merges(
    folder: WorkspaceFolder, spec: SourceSpec, plan: StreamPlan, merges: Sequence[Merged], *, run: str, now: datetime
) -> int:
    """Return how many records were joined into others: their rows go, what belonged to them moves."""
    column = key_column(plan)
    if not merges or column is None:
        return 0
    moves = {merge.lost: merge.into for merge in merges}
    for dataset, foreign in _belonging(folder, spec, plan, column):
        reassign_rows(folder.lake, dataset, column=foreign, moves=moves, run=run, now=now)
    remove_rows(folder.lake, plan.dataset, column=column, values=list(moves), run=run, now=now)
    return len(moves)


def _belonging(
    folder: WorkspaceFolder, spec: SourceSpec, plan: StreamPlan, column: str
) -> Iterator[tuple[Dataset, str]]:
    """Yield the other datasets of this source that refer to the stream's entity, and the column that does."""
    primary = plan.dataset.primary
    if primary is None or primary[1].column != column:
        return
    for name in dict.fromkeys(stream.dataset for stream in spec.streams.values()):
        dataset = folder.catalog.dataset(name)
        entity = dataset.entities.get(primary[0])
        if dataset.name != plan.dataset.name and entity is not None and entity.type == "foreign":
            yield dataset, entity.column
