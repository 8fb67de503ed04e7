"""Trying held rows again, so that a kill at any step loses nothing and stores nothing twice.

The call is written down before its first step and struck out with its entry in the audit log. Whoever comes next to
the dataset's quarantine, with whatever rows, completes it first. Its rows are stored under a run made of the rows'
names, so completing it stores nothing twice; and what became of all of them is written in one commit.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
from django.db import transaction

from sightline.accounts import audit
from sightline.definitions.schema.dataset import Dataset
from sightline.home import WorkspaceFolder
from sightline.ingest.models import HeldReplay
from sightline.ingest.origins import ORIGIN, map_of_run, root_run
from sightline.ingest.records import store_records
from sightline.lake.publish import publish_newest
from sightline.lake.settle import RELEASED, REPLAYED, RowId, chosen_rows, settle_rows, settled_rows
from sightline.lake.snapshot import Snapshot
from sightline.lake.turn import turn, turn_if_free

log = logging.getLogger(__name__)

Values = Mapping[str, str | None]


@dataclass(frozen=True)
class Settled:
    """What became of chosen rows: published, held anew for another reason or the same, thrown away; `gone` were dealt
    with by somebody else before."""

    released: int = 0
    held_again: int = 0
    discarded: int = 0
    gone: int = 0
    reasons: tuple[str, ...] = ()
    snapshot: int | None = None


@dataclass(frozen=True)
class Completed:
    """A replay that was killed, and what became of its rows."""

    prefix: str
    ids: frozenset[RowId]
    settled: Settled


@dataclass(frozen=True)
class _Part:
    """The rows of a replay that one run brought, in their order, and the run that they are stored under."""

    run: str
    origin: str
    ids: Sequence[RowId]
    values: Mapping[RowId, Values]


@contextmanager
def settling(folder: WorkspaceFolder, dataset: Dataset, *, now: datetime) -> Iterator[Sequence[Completed]]:
    """Hold the dataset's turn of dealing with held rows, and yield what was killed before and is completed now."""
    with turn(_lock(folder, dataset.name)):
        yield _complete(folder, dataset, now=now)


def complete_replays(folder: WorkspaceFolder, *, now: datetime) -> int:
    """Return how many replays of a workspace that were killed are completed now; those at work are left alone."""
    done = 0
    for name in (
        HeldReplay.objects.filter(workspace=folder.name).values_list("dataset", flat=True).distinct().order_by()
    ):
        dataset = folder.catalog.datasets.get(name)
        if dataset is None:
            continue  # it comes back with the dataset
        with turn_if_free(_lock(folder, name)) as is_free:
            done += len(_complete(folder, dataset, now=now)) if is_free else 0
    return done


def carry_out(replay: HeldReplay, folder: WorkspaceFolder, dataset: Dataset, *, gone: int, now: datetime) -> Settled:
    """Return what became of the rows of a replay. Needs the dataset's turn.

    A part that fails before anything of it was written stays held; one that fails later is completed by the next call.
    """
    done, errors = [], []
    for part in _parts(replay):
        try:
            done.append(_store(part, replay, folder, dataset, now=now))
        except Exception as error:
            if _is_begun(part, folder, dataset):
                raise
            errors.append(error)
    settled = Settled(
        released=sum(each.released for each in done),
        held_again=sum(each.held_again for each in done),
        gone=gone,
        reasons=tuple(dict.fromkeys(text for each in done for text in each.reasons)),
        snapshot=max((each.snapshot for each in done if each.snapshot), default=None),
    )
    with transaction.atomic():
        if done or not errors:
            note_settled(folder, dataset, replay.verb, settled, by=replay.by, detail=replay.detail, now=now)
        if replay.pk:
            replay.delete()
    if errors:
        raise errors[0]
    return settled


def note_settled(
    folder: WorkspaceFolder,
    dataset: Dataset,
    verb: str,
    settled: Settled,
    *,
    by: str,
    detail: Mapping[str, object],
    now: datetime,
) -> None:
    """Enter in the audit log what became of rows."""
    became = {name: value for name, value in vars(settled).items() if value}
    audit.record(workspace=folder.name, actor=by, verb=verb, object=dataset.name, detail={**detail, **became}, now=now)


def _complete(folder: WorkspaceFolder, dataset: Dataset, *, now: datetime) -> list[Completed]:
    completed = []
    for replay in HeldReplay.objects.filter(workspace=folder.name, dataset=dataset.name):
        log.info("completing %s, begun by %s and interrupted", replay, replay.by)
        ids = frozenset(RowId(run, row) for run, row, _ in replay.rows)
        try:
            settled = carry_out(replay, folder, dataset, gone=0, now=now)
        except Exception:
            if replay.pk:  # something of it is written, so nothing else may be done before it is complete
                raise
            log.warning("%s could not be completed; its rows are held as before", replay, exc_info=True)
        else:
            completed.append(Completed(replay.prefix, ids, settled))
    return completed


def _store(part: _Part, replay: HeldReplay, folder: WorkspaceFolder, dataset: Dataset, *, now: datetime) -> Settled:
    """Store what is still held of a part. Committed before a kill: only what became of each row is written."""
    lake, is_stored = folder.lake, folder.lake.table(dataset.name).is_done(part.run)
    held = {RowId(row.run, row.row): row for row in chosen_rows(lake, dataset.name, part.ids, run=part.run)}
    if not held:
        became = Counter(settled_rows(lake, dataset.name, part.ids, run=part.run).values())
        return Settled(became[RELEASED], became[REPLAYED])
    members = [each for each in part.ids if is_stored or each in held]
    if is_stored:
        snapshot = publish_newest(lake, dataset, now=now)
    else:
        records = [{**orjson.loads(held[each].record), **part.values.get(each, {})} for each in members]
        snapshot = _stored(records, part, replay, folder, dataset, now=now)
    numbers = [RowId(part.run, number) for number in range(1, len(members) + 1)]
    again = {row.row: row.reasons for row in chosen_rows(lake, dataset.name, numbers, run=f"{part.run}-look")}
    states = {each: REPLAYED if number in again else RELEASED for number, each in enumerate(members, 1)}
    settle_rows(lake, dataset.name, states, run=part.run, now=now)
    count = Counter(states.values())
    return Settled(count[RELEASED], count[REPLAYED], reasons=tuple(again.values()), snapshot=snapshot.id)


def _stored(
    records: Sequence[Mapping[str, object]],
    part: _Part,
    replay: HeldReplay,
    folder: WorkspaceFolder,
    dataset: Dataset,
    *,
    now: datetime,
) -> Snapshot:
    written = store_records(
        folder=folder,
        dataset=dataset,
        records=records,
        mapping=map_of_run(folder.name, part.origin),
        run=part.run,
        now=now,
        excused=replay.is_excused,
    )
    return written.snapshot


def _is_begun(part: _Part, folder: WorkspaceFolder, dataset: Dataset) -> bool:
    """Return whether anything was written under the run of a part."""
    numbers = [RowId(part.run, number) for number in range(1, len(part.ids) + 1)]
    is_stored = folder.lake.table(dataset.name).is_done(part.run)
    return is_stored or bool(chosen_rows(folder.lake, dataset.name, numbers, run=f"{part.run}-look"))


def _parts(replay: HeldReplay) -> list[_Part]:
    """Return the rows of a replay by the run that brought them first, as it says how they are read."""
    by_origin: dict[str, list[tuple[RowId, Values | None]]] = defaultdict(list)
    for run, row, values in replay.rows:
        by_origin[root_run(run)].append((RowId(run, row), values))
    parts = []
    for origin, rows in by_origin.items():
        content = orjson.dumps([replay.dataset, [(each.run, each.row, values) for each, values in rows]])
        run = f"{replay.prefix}-{hashlib.sha256(content).hexdigest()[:20]}{ORIGIN}{origin}"
        parts.append(_Part(run, origin, [each for each, _ in rows], {each: values for each, values in rows if values}))
    return parts


def _lock(folder: WorkspaceFolder, dataset: str) -> Path:
    return folder.lake.root / "_locks" / f"held-{dataset}"
