"""Values entered by hand, as people may look at them: the list of a dataset, the row as it is now, masked changes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sightline.accounts.access import Access
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import NotAllowed
from sightline.ingest.actions.enter_values import NOT_FOR_YOU, PREFIX, Change
from sightline.ingest.actions.settle_held import HIDDEN
from sightline.ingest.keys import stored_keys
from sightline.ingest.models import ManualEntry
from sightline.ingest.own_rows import may_enter, own_keys, sees_every_row
from sightline.ingest.quarantine import sees_personal_data
from sightline.lake.lookup import Key, rows_by_key

PAGE_SIZE = 50
Values = Mapping[str, str | None]
_STORED_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00")
"""A moment as the lake gives it back."""


@dataclass(frozen=True)
class Entry:
    """One row that somebody entered: values before (None: it was new) and after. Personal data are not kept."""

    dataset: str
    run: str
    key: Values
    before: Values | None
    after: Values
    effective_on: date | None
    reason: str
    by: str
    at: datetime

    @property
    def changed(self) -> tuple[tuple[str, str | None, str | None], ...]:
        """Column, value before, value after, of what changed."""
        before = self.before or {}
        return tuple((name, before.get(name), after) for name, after in self.after.items())


@dataclass(frozen=True)
class EntryPage:
    """Some entries, newest first, and how many there are in all."""

    entries: tuple[Entry, ...]
    total: int


def sees_entries(access: Access, dataset: str) -> bool:
    """Return whether somebody may see what was entered: every row of the dataset, with nothing masked."""
    definition = access.folder.catalog.dataset(dataset)
    policy = access.viewer.policy
    return (
        access.allows("view")
        and access.allows("see_rows")
        and policy.rows_of(definition.name) == "all"
        and sees_personal_data(policy, definition)
    )


def entries_of(*, access: Access, dataset: str, page: int = 1, page_size: int = PAGE_SIZE) -> EntryPage:
    """Return what was entered into a dataset. For those who enter, or see all rows with nothing masked.

    Those who enter the rows of their own row policy see what they entered themselves.
    """
    definition = access.folder.catalog.dataset(dataset)
    if not (sees_entries(access, definition.name) or may_enter(access, definition.name)):
        raise NotAllowed("Entries are shown to those who may see every row of the dataset, with nothing masked.")
    zone = access.folder.catalog.settings.zone
    found = ManualEntry.objects.filter(workspace=access.workspace, dataset=definition.name)
    if not sees_every_row(access, definition.name):
        found = found.filter(by=access.actor)
    start = (max(page, 1) - 1) * page_size
    return EntryPage(tuple(_entry(each, definition, zone) for each in found[start : start + page_size]), found.count())


def latest_entries(*, access: Access, runs: Collection[str], most: int) -> tuple[Entry, ...]:
    """Return the latest entries of these runs of rows, of the datasets whose entries the viewer may see."""
    names = {run.rpartition("-")[0] for run in runs if run.startswith(PREFIX)}  # a part of an entry has a number
    seen = [name for name in access.folder.catalog.datasets if sees_entries(access, name)]
    found = ManualEntry.objects.filter(workspace=access.workspace, run__in=names, dataset__in=seen)
    datasets, zone = access.folder.catalog.datasets, access.folder.catalog.settings.zone
    return tuple(_entry(each, datasets[each.dataset], zone) for each in found[:most])


def current_row(*, access: Access, dataset: str, key: Key) -> Mapping[str, str | None] | None:
    """Return a row as it is published, for those who may change it: values as text, masked ones left out."""
    definition = _editable(access, dataset)
    lake, zone = access.folder.lake, access.folder.catalog.settings.zone
    (key,) = stored_keys(definition, [key], zone=zone)
    name = hashlib.sha256(repr((definition.name, key)).encode()).hexdigest()[:20]
    at = lake.snapshot()
    row = rows_by_key(lake, definition, at, [key], run=f"look-{name}").get(key)
    if row is None or key not in own_keys(access, definition, [key], at=at):
        return None
    hidden = masked_columns(access, definition)
    return {column: value for column, value in tidy(definition, row, zone=zone).items() if column not in hidden}


def masked_columns(access: Access, dataset: Dataset) -> frozenset[str]:
    """Return the columns of which the viewer does not see the values."""
    policy = access.viewer.policy
    return frozenset(
        name
        for name, column in dataset.columns.items()
        if column.pii and policy.mask_of(dataset.name, name, column.pii) != "show"
    )


def as_seen(access: Access, dataset: Dataset, changes: Sequence[Change]) -> list[Change]:
    """Return changes with what the viewer does not see hidden: what a row held before is not theirs to read."""
    hidden, zone = masked_columns(access, dataset), access.folder.catalog.settings.zone

    def shown(values: Values) -> dict[str, str | None]:
        told = tidy(dataset, values, zone=zone).items()
        return {name: HIDDEN if name in hidden and value is not None else value for name, value in told}

    return [
        Change(tidy(dataset, each.key, zone=zone), None if each.before is None else shown(each.before), each.after)
        for each in changes
    ]


def tidy(dataset: Dataset, values: Values, *, zone: str) -> dict[str, str | None]:
    """Return values as people write them: 1000.0000 is 1000, a moment is on the workspace's clock."""
    kinds = {name: column.type for name, column in dataset.columns.items()}
    return {name: _tidy(value, kinds.get(name, ""), zone) if value else value for name, value in values.items()}


def _tidy(value: str, kind: str, zone: str) -> str:
    if kind == "decimal" and "." in value:
        return value.rstrip("0").rstrip(".")
    if kind == "timestamp" and _STORED_MOMENT.fullmatch(value):
        return written_moment(datetime.fromisoformat(value), zone=zone)
    return value


def written_moment(at: datetime, *, zone: str) -> str:
    """Return a moment as it may be typed again: on the workspace's clock, with its offset, to the microsecond."""
    return at.astimezone(ZoneInfo(zone)).isoformat(sep=" ")


def _editable(access: Access, dataset: str) -> Dataset:
    access.require("edit_data")
    definition = access.folder.catalog.dataset(dataset)
    if not may_enter(access, definition.name):
        raise NotAllowed(NOT_FOR_YOU)
    return definition


def _entry(row: ManualEntry, dataset: Dataset, zone: str) -> Entry:
    return Entry(
        dataset=row.dataset,
        run=row.run,
        key=tidy(dataset, row.key, zone=zone),
        before=None if row.before is None else tidy(dataset, row.before, zone=zone),
        after=row.after,
        effective_on=row.effective_on,
        reason=row.reason,
        by=row.by,
        at=row.at,
    )
