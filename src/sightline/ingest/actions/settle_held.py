"""Dealing with rows in quarantine: try again, with a value mended, in spite of a check, or throw away.

A row that is tried again goes the whole way: its run's map, conversion, audit, publication. What is held again has its
new reason; the row that was there before is marked as tried. Killed at any step, whoever comes next completes it
(`ingest.replays`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import orjson

from sightline.accounts.access import Access
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import NotAllowed, UserError
from sightline.ingest.mapping import match
from sightline.ingest.models import HeldReplay
from sightline.ingest.origins import map_of_run
from sightline.ingest.quarantine import sees_personal_data
from sightline.ingest.records import columns_of
from sightline.ingest.replays import Settled, Values, carry_out, note_settled, settling
from sightline.lake.quarantine import HeldRow
from sightline.lake.settle import DISCARDED, RowId, chosen_rows, settle_rows

MOST_ROWS = 10_000
HIDDEN = "(personal data)"


class ReasonMissing(UserError):
    """A change by hand needs a reason."""

    code = "SL-E380"


class TooManyRows(UserError):
    """More rows than one call deals with."""

    code = "SL-E381"


def replay_rows(*, access: Access, dataset: str, ids: Collection[RowId], now: datetime, reason: str = "") -> Settled:
    """Return what became of rows that went the whole way again, for example after their map was mended."""
    return _again(access, dataset, ids, {}, verb="replayed rows", prefix="replay", reason=reason, now=now)


def release_rows(*, access: Access, dataset: str, ids: Collection[RowId], now: datetime, reason: str) -> Settled:
    """Return what became of rows that somebody vouches for: checks are only remarked on. Needs a reason."""
    _require_reason(reason)
    return _again(
        access, dataset, ids, {}, verb="released rows", prefix="release", reason=reason, now=now, excused=True
    )


def fix_row(*, access: Access, dataset: str, row: RowId, values: Values, now: datetime, reason: str = "") -> Settled:
    """Return what became of a row whose raw record got other values (source column → text, None: empty)."""
    if not sees_personal_data(access.viewer.policy, access.folder.catalog.dataset(dataset)):
        raise NotAllowed("A record is mended by those who may see all of it.")
    return _again(access, dataset, [row], {row: values}, verb="fixed a row", prefix="fix", reason=reason, now=now)


def discard_rows(*, access: Access, dataset: str, ids: Collection[RowId], now: datetime, reason: str) -> Settled:
    """Return how many rows were thrown away. They stay on record as such. Needs a reason."""
    _require_reason(reason)
    definition = _definition(access, dataset, ids)
    detail = {"rows": _shown(ids), "reason": reason}
    with settling(access.folder, definition, now=now):
        states = dict.fromkeys(ids, DISCARDED)
        done = settle_rows(access.folder.lake, definition.name, states, run=_scratch("discard", ids), now=now)
        settled = Settled(discarded=done, gone=len(states) - done)
        note_settled(access.folder, definition, "discarded rows", settled, by=access.actor, detail=detail, now=now)
    return settled


def _again(
    access: Access,
    dataset: str,
    ids: Collection[RowId],
    values: Mapping[RowId, Values],
    *,
    verb: str,
    prefix: str,
    reason: str,
    now: datetime,
    excused: bool = False,
) -> Settled:
    definition = _definition(access, dataset, ids)
    with settling(access.folder, definition, now=now) as completed:
        for before in completed:
            if (before.prefix, before.ids) == (prefix, frozenset(ids)):
                return before.settled  # this very call, killed and made again
        held = chosen_rows(access.folder.lake, definition.name, ids, run=_scratch("choose", ids))
        changes = [_change(definition, access.workspace, row, values[_id(row)]) for row in held if _id(row) in values]
        replay = HeldReplay(
            workspace=access.workspace,
            dataset=definition.name,
            verb=verb,
            prefix=prefix,
            is_excused=excused,
            rows=[[row.run, row.row, dict(values[_id(row)]) if _id(row) in values else None] for row in held],
            detail={"rows": _shown(ids), "reason": reason, "changes": changes},
            by=access.actor,
            at=now,
        )
        if held:
            replay.save()
        return carry_out(replay, access.folder, definition, gone=len(set(ids)) - len(held), now=now)


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


def _scratch(verb: str, ids: Collection[RowId]) -> str:
    """Return a name for the scratch folder of looking at chosen rows."""
    content = orjson.dumps(sorted((each.run, each.row) for each in ids))
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
