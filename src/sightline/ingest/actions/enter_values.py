"""Entering values by hand: a row, or a grid of them. All rows of one call are taken, or none.

They go the way every row goes (conversion, checks, publication); the run's id says that a person brought them, so a
number can tell which of its rows were entered by hand.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from django.db import transaction

from sightline.accounts import audit
from sightline.accounts.access import Access
from sightline.definitions.catalog import did_you_mean
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import NotAllowed, UserError
from sightline.ingest.actions.settle_held import HIDDEN, ReasonMissing
from sightline.ingest.keys import stored_keys
from sightline.ingest.mapping import MapFile
from sightline.ingest.models import ManualEntry
from sightline.ingest.own_rows import may_enter, own_after, own_keys
from sightline.ingest.records import store_records
from sightline.lake.lookup import Key, rows_by_key
from sightline.lake.rules import required_columns
from sightline.lake.snapshot import Snapshot

PREFIX = "entry-"
NOT_FOR_YOU = "Your role does not enter values of this dataset."
MOST_ROWS = 1_000

Row = Mapping[str, str | None]
"""Column → text; None empties it. Columns that are left out keep their value."""


class BadEntry(UserError):
    """Values that cannot be entered: nothing was written."""

    code = "SL-E382"


@dataclass(frozen=True)
class Change:
    """What a row was before (None: it is new) and what it is after, of the columns that change; values as text."""

    key: Mapping[str, str | None]
    before: Mapping[str, str | None] | None
    after: Mapping[str, str | None]


@dataclass(frozen=True)
class Entered:
    """The changes, and the snapshot they are published in. None: nothing was written (a look beforehand)."""

    changes: tuple[Change, ...]
    snapshot: int | None


def enter_values(
    *,
    access: Access,
    dataset: str,
    rows: Sequence[Row],
    reason: str,
    now: datetime,
    effective_on: date | None = None,
    dry_run: bool = False,
) -> Entered:
    """Return what changes. `effective_on` fills the dataset's time where a row has none.

    Raises BadEntry that names every row and value that is not accepted, ReasonMissing without a reason.
    """
    definition = _definition(access, dataset)
    filled = _keyed(definition, [_filled(definition, row, effective_on) for row in rows], access)
    _require_sound(definition, filled)
    if not reason.strip() and not dry_run:
        raise ReasonMissing("a reason is needed", hint="Say why, for those who read the number later.")
    run = _run_id(access, definition, filled, now)
    lake = access.folder.lake
    at = lake.snapshot()
    known = rows_by_key(lake, definition, at, [_key(definition, row) for row in filled], run=run)
    whole = [_whole(definition, row, known.get(_key(definition, row))) for row in filled]
    _require_own(access, definition, whole, known, at=at, run=run)
    changes = _changes(definition, filled, known)
    for part in _of_same_columns(whole):  # first all of them without writing: one bad row stops the whole
        _store(access, definition, part, run, now, dry_run=True)
    if dry_run:
        return Entered(changes, None)
    snapshot = 0
    for number, part in enumerate(_of_same_columns(whole)):
        snapshot = _store(access, definition, part, f"{run}-{number}", now, dry_run=False)
    _record(access, definition, changes, run=run, reason=reason, effective_on=effective_on, now=now)
    return Entered(changes, snapshot)


def _definition(access: Access, dataset: str) -> Dataset:
    access.require("edit_data")
    definition = access.folder.catalog.dataset(dataset)
    if not definition.key_columns:
        raise BadEntry(f'dataset "{definition.name}" has no key, so rows cannot be told apart')
    if not may_enter(access, definition.name):
        raise NotAllowed(NOT_FOR_YOU)
    return definition


def _filled(dataset: Dataset, row: Row, effective_on: date | None) -> dict[str, str | None]:
    values = {name: (value.strip() or None) if value is not None else None for name, value in row.items()}
    if effective_on is not None and dataset.time and not values.get(dataset.time):
        values[dataset.time] = effective_on.isoformat()
    return values


def _keyed(dataset: Dataset, rows: list[dict[str, str | None]], access: Access) -> list[dict[str, str | None]]:
    """Return the rows with their keys as the lake has them, however a day, a moment or a number was written."""
    keys = stored_keys(dataset, [_key(dataset, row) for row in rows], zone=access.folder.catalog.settings.zone)
    named = [dict(zip(dataset.key_columns, key, strict=True)) for key in keys]
    return [{name: key.get(name, value) for name, value in row.items()} for row, key in zip(rows, named, strict=True)]


def _require_sound(dataset: Dataset, rows: Sequence[Row]) -> None:
    if not rows:
        raise BadEntry("there is nothing to enter")
    if len(rows) > MOST_ROWS:
        raise BadEntry(f"{len(rows):,} rows; at most {MOST_ROWS:,} are entered at once", hint="Import a file instead.")
    problems = []
    for number, row in enumerate(rows, 1):
        for name in row:
            if name not in dataset.columns:
                problems.append(f'row {number}: no column "{name}"; {did_you_mean(name, dataset.columns)}')
        problems += [
            f"row {number}: {label_of(name, dataset.columns[name].label)} is empty and tells the row apart"
            for name in dataset.key_columns
            if not row.get(name)
        ]
    keys = [_key(dataset, row) for row in rows]
    problems += [
        f"row {number}: the same key as in an earlier row"
        for number, key in enumerate(keys, 1)
        if key in keys[: number - 1]
    ]
    if problems:
        raise BadEntry("\n".join(problems))


def _require_own(
    access: Access, dataset: Dataset, rows: Sequence[Row], known: Mapping[Key, Row], *, at: Snapshot, run: str
) -> None:
    """Raise BadEntry for rows that are not somebody's own before and after. The words tell nothing of what exists."""
    before = own_keys(access, dataset, list(known), at=at) if known else set()
    after = own_after(access, dataset, _of_same_columns(rows), at=at, run=run)
    strange = [
        number
        for number, row in enumerate(rows, 1)
        if (key := _key(dataset, row)) not in after or (key in known and key not in before)
    ]
    if strange:
        told = [f"row {number}: there is no such row that you may enter" for number in strange]
        raise BadEntry("\n".join(told), hint="Nothing was written.")


def _key(dataset: Dataset, row: Row) -> Key:
    return tuple(row.get(name) for name in dataset.key_columns)


def _whole(dataset: Dataset, row: Row, known: Row | None) -> Row:
    """Return the row with what no row can do without, as far as it is known. What else it lacks stays as it is."""
    needed = [name for name in required_columns(dataset) if name not in row]
    return {**{name: known[name] for name in needed if known and name in known}, **row}


def _changes(dataset: Dataset, rows: Sequence[Row], known: Mapping[Key, Row]) -> tuple[Change, ...]:
    changes = []
    for row in rows:
        key = dict(zip(dataset.key_columns, _key(dataset, row), strict=True))
        before = known.get(_key(dataset, row))
        after = {name: value for name, value in row.items() if name not in key}
        was = None if before is None else {name: before.get(name) for name in after}
        changes.append(Change(key, was, after))
    return tuple(changes)


def _of_same_columns(rows: Sequence[Row]) -> list[list[Row]]:
    """Return the rows in groups that have the same columns: one left out keeps its value, unlike one that is empty."""
    groups: dict[frozenset[str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[frozenset(row)].append(row)
    return list(groups.values())


def _store(access: Access, dataset: Dataset, rows: list[Row], run: str, now: datetime, *, dry_run: bool) -> int:
    exact = MapFile(columns={name: name for name in rows[0]})
    written = store_records(
        folder=access.folder, dataset=dataset, records=rows, mapping=exact, run=run, now=now, dry_run=dry_run
    )
    if written.rejected:
        told = [f"{reason.text}: {reason.example}" if reason.example else reason.text for reason in written.reasons]
        raise BadEntry("\n".join(told), hint="Nothing was written.")
    return written.snapshot.id


def _run_id(access: Access, dataset: Dataset, rows: Sequence[Row], now: datetime) -> str:
    content = orjson.dumps([access.actor, dataset.name, rows, now.isoformat()])
    return PREFIX + hashlib.sha256(content).hexdigest()[:20]


def _record(
    access: Access,
    dataset: Dataset,
    changes: Sequence[Change],
    *,
    run: str,
    reason: str,
    effective_on: date | None,
    now: datetime,
) -> None:
    shown = [_without_personal_data(dataset, change) for change in changes]
    with transaction.atomic():
        ManualEntry.objects.bulk_create(
            ManualEntry(
                workspace=access.workspace,
                dataset=dataset.name,
                run=run,
                key=change.key,
                before=change.before,
                after=change.after,
                effective_on=effective_on,
                reason=reason[:500],
                by=access.actor,
                at=now,
            )
            for change in shown
        )
        audit.record(
            workspace=access.workspace,
            actor=access.actor,
            verb="entered values",
            object=dataset.name,
            detail={
                "rows": len(changes),
                "changes": [{"key": c.key, "before": c.before, "after": c.after} for c in shown[:100]],
                "effective on": effective_on,
                "reason": reason,
                "run": run,
            },
            now=now,
        )


def _without_personal_data(dataset: Dataset, change: Change) -> Change:
    def shown(values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: HIDDEN if value is not None and dataset.columns[name].pii else value for name, value in values.items()
        }

    return Change(shown(change.key), None if change.before is None else shown(change.before), shown(change.after))
