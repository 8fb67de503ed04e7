"""One commit: plan on the newest version, write files, commit them, publish. Planned again when somebody was faster."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import duckdb

from sightline.definitions.schema.dataset import Dataset
from sightline.lake import sql
from sightline.lake.files import ROWS_PER_GROUP, discard, write_files
from sightline.lake.merge import Base, MergePlan, base_of, plan_merge, rows_to_write
from sightline.lake.publish import publish
from sightline.lake.rows import Origin
from sightline.lake.schema import Evolution, evolve, layout_of
from sightline.lake.snapshot import Snapshot
from sightline.lake.store import Lake
from sightline.lake.table import Commit, CommitConflict, State, Table
from sightline.lake.turn import turn

ATTEMPTS = 50


@dataclass(frozen=True)
class Load:
    """One run that loads rows into one dataset. `provided` are the declared columns its rows have.

    `excused`: a person decided that these rows are right although a check says otherwise. What cannot be stored or told
    apart (format, type, key) is held all the same.
    """

    lake: Lake
    dataset: Dataset
    origin: Origin
    provided: tuple[str, ...]
    excused: bool = False

    @property
    def table(self) -> Table:
        return self.lake.table(self.dataset.name)


Prepare = Callable[[Base], None]
"""Makes the relation `accepted` for a base version; called again when the base has changed."""


def commit_accepted(
    load: Load, scratch: duckdb.DuckDBPyConnection, *, prepare: Prepare | None = None
) -> tuple[MergePlan, Snapshot]:
    """Return what was done with the rows of `accepted`, and the snapshot they are published in."""
    for attempt in range(ATTEMPTS):
        with turn(load.lake.root / "_locks" / load.dataset.name):
            try:
                return _commit_once(load, scratch, prepare)
            except CommitConflict:
                if attempt == ATTEMPTS - 1:
                    raise
        pause(attempt)
    raise AssertionError("unreachable")


def pause(attempt: int) -> None:
    """Wait a random moment, longer with each attempt, so that writers in conflict drift apart."""
    time.sleep(random.uniform(0, 0.02 * (attempt + 1)))  # noqa: S311 # jitter


def _commit_once(load: Load, scratch: duckdb.DuckDBPyConnection, prepare: Prepare | None) -> tuple[MergePlan, Snapshot]:
    base, evolution = base_for(load)
    if prepare:
        prepare(base)
    if (done := _done_before(load, scratch)) is not None:
        return done
    plan = plan_merge(scratch, base, load.dataset, provided=load.provided, evolution=evolution, zone=load.origin.zone)
    state = base.state
    if plan.writes or not state.files:
        state = _write(load, scratch, base, plan, evolution)
    return plan, publish(load.lake, load.dataset, state, now=load.origin.loaded_at, scratch=scratch)


def _done_before(load: Load, scratch: duckdb.DuckDBPyConnection) -> tuple[MergePlan, Snapshot] | None:
    """Finish a run that was committed but killed before it was published, and never append the same run twice."""
    published = load.lake.snapshot().datasets.get(load.dataset.name)
    found = load.table.notes_of(load.origin.run, since=published.version if published else 0)
    if found is None and (load.dataset.key_columns or not load.table.is_done(load.origin.run)):
        return None
    total = scratch.execute("SELECT count(*) FROM accepted").fetchone()
    counts = found[1] if found else {"unchanged": total[0] if total else 0}
    state = load.table.state()
    assert state is not None  # noqa: S101 # the run is in its log
    snapshot = publish(load.lake, load.dataset, state, now=load.origin.loaded_at, scratch=scratch)
    inserted, updated, unchanged = (int(str(counts.get(name, 0))) for name in ("inserted", "updated", "unchanged"))
    return MergePlan(inserted, updated, unchanged), snapshot


def base_for(load: Load) -> tuple[Base, Evolution]:
    """Return the version to plan on and the layout to write. Nothing is created: a missing table has version -1."""
    wanted = layout_of(load.dataset)
    state = load.table.state() or State(-1, wanted, ())
    evolution = evolve(dataset=load.dataset.name, stored=state.layout, wanted=wanted)
    return base_of(load.table.folder, state), evolution


def _write(load: Load, scratch: duckdb.DuckDBPyConnection, base: Base, plan: MergePlan, evolution: Evolution) -> State:
    state = _ready(load, base, plan, evolution)
    bindings = sql.Bindings()
    query = rows_to_write(
        base, load.dataset, plan, provided=load.provided, evolution=evolution, origin=load.origin, bindings=bindings
    )
    rows = sql.run(scratch, query, bindings).to_arrow_reader(ROWS_PER_GROUP)
    files = write_files(rows, folder=base.folder, layout=evolution.layout, zone=load.origin.zone)
    notes = {"inserted": plan.inserted, "updated": plan.updated, "unchanged": plan.unchanged}
    commit = Commit(files, plan.rewritten, evolution.layout, reset=plan.everything, run=load.origin.run, notes=notes)
    try:
        return load.table.commit(state, commit, now_ms=_milliseconds(load.origin.loaded_at))
    except CommitConflict:
        discard(base.folder, files)
        raise


def _ready(load: Load, base: Base, plan: MergePlan, evolution: Evolution) -> State:
    """Return the table's state once it exists and declares every column to be written."""
    if base.state.version == -1:
        state = load.table.create(evolution.layout)
        if state.files:
            raise CommitConflict(f"{load.dataset.name} was created meanwhile")
        return state
    if evolution.added and not plan.everything:
        return load.table.add_columns(base.state, evolution.layout)
    return base.state


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
