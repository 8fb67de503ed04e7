"""Dealing with rows in quarantine: try again, with a value mended, in spite of a check, or throw away.

A row that is tried again goes the whole way: its run's map, conversion, audit, publication. What is held again has its
new reason; the row that was there before is marked as tried. Killed at any step, the same call completes it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from sightline.accounts import audit
from sightline.accounts.access import Access
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import NotAllowed, UserError
from sightline.ingest.mapping import match
from sightline.ingest.origins import ORIGIN, map_of_run, root_run
from sightline.ingest.quarantine import sees_personal_data
from sightline.ingest.records import columns_of, store_records
from sightline.lake.quarantine import HeldRow
from sightline.lake.settle import DISCARDED, RELEASED, REPLAYED, RowId, chosen_rows, settle_rows

MOST_ROWS = 10_000
HIDDEN = "(personal data)"

Values = Mapping[str, str | None]


class ReasonMissing(UserError):
    """A change by hand needs a reason."""

    code = "SL-E380"


class TooManyRows(UserError):
    """More rows than one call deals with."""

    code = "SL-E381"


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


def replay_rows(*, access: Access, dataset: str, ids: Collection[RowId], now: datetime, reason: str = "") -> Settled:
    """Return what became of rows that went the whole way again, for example after their map was mended."""
    return _again(access, dataset, ids, {}, verb="replayed rows", reason=reason, now=now)


def release_rows(*, access: Access, dataset: str, ids: Collection[RowId], now: datetime, reason: str) -> Settled:
    """Return what became of rows that somebody vouches for: checks are only remarked on. Needs a reason."""
    _require_reason(reason)
    return _again(access, dataset, ids, {}, verb="released rows", reason=reason, now=now, excused=True)


def fix_row(*, access: Access, dataset: str, row: RowId, values: Values, now: datetime, reason: str = "") -> Settled:
    """Return what became of a row whose raw record got other values (source column → text, None: empty)."""
    if not sees_personal_data(access.viewer.policy, access.folder.catalog.dataset(dataset)):
        raise NotAllowed("A record is mended by those who may see all of it.")
    return _again(access, dataset, [row], {row: values}, verb="fixed a row", reason=reason, now=now)


def discard_rows(*, access: Access, dataset: str, ids: Collection[RowId], now: datetime, reason: str) -> Settled:
    """Return how many rows were thrown away. They stay on record as such. Needs a reason."""
    _require_reason(reason)
    definition = _definition(access, dataset, ids)
    run = _run_id("discard", definition, [], ids)
    done = settle_rows(access.folder.lake, definition.name, ids, state=DISCARDED, run=run, now=now)
    settled = Settled(discarded=done, gone=len(set(ids)) - done)
    _audit(access, definition, "discarded rows", settled, {"rows": _shown(ids), "reason": reason}, now)
    return settled


def _again(
    access: Access,
    dataset: str,
    ids: Collection[RowId],
    values: Mapping[RowId, Values],
    *,
    verb: str,
    reason: str,
    now: datetime,
    excused: bool = False,
) -> Settled:
    definition = _definition(access, dataset, ids)
    lake = access.folder.lake
    held = chosen_rows(lake, definition.name, ids, run=_run_id("choose", definition, [], ids))
    by_run: dict[str, list[HeldRow]] = defaultdict(list)
    for row in held:
        by_run[root_run(row.run)].append(row)
    parts = [
        _store(access, definition, origin, rows, values, now=now, excused=excused) for origin, rows in by_run.items()
    ]
    settled = Settled(
        released=sum(part.released for part in parts),
        held_again=sum(part.held_again for part in parts),
        gone=len(set(ids)) - len(held),
        reasons=tuple(dict.fromkeys(text for part in parts for text in part.reasons)),
        snapshot=max((part.snapshot for part in parts if part.snapshot), default=None),
    )
    changes = [_change(definition, access.workspace, row, values[_id(row)]) for row in held if _id(row) in values]
    _audit(access, definition, verb, settled, {"rows": _shown(ids), "reason": reason, "changes": changes}, now)
    return settled


def _store(
    access: Access,
    dataset: Dataset,
    origin: str,
    rows: Sequence[HeldRow],
    values: Mapping[RowId, Values],
    *,
    now: datetime,
    excused: bool,
) -> Settled:
    lake = access.folder.lake
    records = [{**orjson.loads(row.record), **values.get(_id(row), {})} for row in rows]
    verb = "release" if excused else "fix" if values else "replay"
    run = f"{_run_id(verb, dataset, records, [_id(row) for row in rows])}{ORIGIN}{origin}"
    mapping = map_of_run(access.workspace, origin)
    written = store_records(
        folder=access.folder, dataset=dataset, records=records, mapping=mapping, run=run, now=now, excused=excused
    )
    numbers = [RowId(run, number) for number in range(1, len(rows) + 1)]
    again = {row.row: row.reasons for row in chosen_rows(lake, dataset.name, numbers, run=f"{run}-look")}
    released = [_id(row) for number, row in enumerate(rows, 1) if number not in again]
    tried = [_id(row) for number, row in enumerate(rows, 1) if number in again]
    settle_rows(lake, dataset.name, released, state=RELEASED, run=f"{run}-a", now=now)
    settle_rows(lake, dataset.name, tried, state=REPLAYED, run=f"{run}-b", now=now)
    return Settled(len(released), len(tried), reasons=tuple(again.values()), snapshot=written.snapshot.id)


def _definition(access: Access, dataset: str, ids: Collection[RowId]) -> Dataset:
    """Return the dataset, for whoever may change it and see what is held of it."""
    access.require("edit_data")
    access.require("see_quarantine")
    definition = access.folder.catalog.dataset(dataset)
    if access.viewer.policy.rows_of(definition.name) != "all":
        raise NotAllowed("Held rows are dealt with by those who may see every row of the dataset.")
    if len(ids) > MOST_ROWS:
        raise TooManyRows(f"{len(ids):,} rows at once, {MOST_ROWS:,} are dealt with", hint="Choose fewer.")
    return definition


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing("a reason is needed", hint="Say why, for those who read the audit log.")


def _id(row: HeldRow) -> RowId:
    return RowId(row.run, row.row)


def _run_id(verb: str, dataset: Dataset, records: Sequence[Mapping[str, Any]], ids: Collection[RowId]) -> str:
    content = orjson.dumps([dataset.name, records, sorted((each.run, each.row) for each in ids)], default=str)
    return f"{verb}-{hashlib.sha256(content).hexdigest()[:20]}"


def _change(dataset: Dataset, workspace: str, row: HeldRow, values: Values) -> dict[str, Any]:
    """Return what was mended, before → after; personal data are not copied into the log."""
    record = orjson.loads(row.record)
    mapping = map_of_run(workspace, row.run)
    filled = match(dataset, columns_of([record], dataset, mapping), mapping).sources
    column_of = {source: column for column, source in filled.items()}

    def shown(name: str, value: object) -> object:
        column = dataset.columns.get(column_of.get(name, ""))
        return HIDDEN if value is not None and (column is None or column.pii) else value

    changed = {name: value for name, value in values.items() if record.get(name) != value}
    return {
        "run": row.run,
        "row": row.row,
        "before": {name: shown(name, record.get(name)) for name in changed},
        "after": {name: shown(name, value) for name, value in changed.items()},
    }


def _shown(ids: Collection[RowId]) -> list[str]:
    shown = sorted(f"{each.run}:{each.row}" for each in ids)
    return [*shown[:100], *([f"and {len(shown) - 100} more"] if len(shown) > 100 else [])]


def _audit(
    access: Access, dataset: Dataset, verb: str, settled: Settled, detail: Mapping[str, Any], now: datetime
) -> None:
    audit.record(
        workspace=access.workspace,
        actor=access.actor,
        verb=verb,
        object=dataset.name,
        detail={**detail, **{name: value for name, value in vars(settled).items() if value}},
        now=now,
    )
