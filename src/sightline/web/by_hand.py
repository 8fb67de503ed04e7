"""What people did by hand to the rows behind a number: for viewers to whom those rows are no secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sightline.accounts.access import Access
from sightline.accounts.models import AuditEntry
from sightline.dashboards.about import About
from sightline.dashboards.formats import plural
from sightline.definitions.schema.base import label_of
from sightline.errors import NotAllowed, UserError
from sightline.ingest.actions.enter_values import PREFIX as ENTERED
from sightline.ingest.entries import Entry, latest_entries, sees_entries
from sightline.ingest.held_history import VERBS
from sightline.ingest.models import ManualEntry
from sightline.lake.snapshot import Snapshot
from sightline.metrics.plan import dataset_of, leaves_of
from sightline.metrics.rows import RowsRequest, runs_behind
from sightline.metrics.warehouse import warehouse_of

MENDED = ("fix-", "release-")
"""How the ids of runs begin that stored a held row with another value, or in spite of a check."""
LATEST = 5


@dataclass(frozen=True)
class HandEntry:
    """One of the latest entries, with the words for its dataset and columns."""

    entry: Entry
    label: str
    labels: dict[str, str]


@dataclass(frozen=True)
class ByHand:
    """How many rows behind a figure were entered by hand, or mended in quarantine, in words; the latest entries."""

    entered: str
    mended: str
    latest: tuple[HandEntry, ...]


def by_hand(number: About, access: Access, *, now: datetime, at: Snapshot) -> ByHand | None:
    """Return what was done by hand to the rows behind a number; None for nothing, and for who may not know."""
    runs: dict[tuple[str, str], int] = {}
    for leaf, dataset in _asked(number, access).items():
        request = RowsRequest(
            metric=leaf, filters=number.question.filters, where=number.question.where, period=number.question.period
        )
        try:
            found = runs_behind(
                request,
                access.viewer,
                prefixes=(ENTERED, *MENDED),
                warehouse=warehouse_of(access.folder),
                now=now,
                at=at,
            )
        except NotAllowed:
            raise
        except UserError:  # a part of the figure that has no rows of its own
            continue
        for run, count in found.items():
            runs[dataset, run] = max(count, runs.get((dataset, run), 0))  # two parts may count the same row
    entered = sum(count for (_, run), count in runs.items() if run.startswith(ENTERED))
    mended = sum(runs.values()) - entered
    if not runs:
        return None
    return ByHand(
        entered=_words(entered, "entered by hand") if entered else "",
        mended=_words(mended, "mended in quarantine, or released in spite of a check") if mended else "",
        latest=tuple(_shown(each, access) for each in _latest(access, [run for _, run in runs])),
    )


def _asked(number: About, access: Access) -> dict[str, str]:
    """Return the parts of a figure whose rows may be told about, with their datasets, where anything was done."""
    catalog = access.folder.catalog
    parts = {name: dataset_of(leaf, catalog) for name, leaf in leaves_of((number.metric,), catalog).items()}
    open_to = {dataset for dataset in parts.values() if sees_entries(access, dataset)}
    if not open_to:
        return {}
    entries = ManualEntry.objects.filter(workspace=access.workspace, dataset__in=open_to)
    settled = AuditEntry.objects.filter(workspace=access.workspace, object__in=open_to, verb__in=VERBS)
    touched = {*entries.values_list("dataset", flat=True).order_by().distinct()}
    touched |= {*settled.values_list("object", flat=True).order_by().distinct()}
    return {name: dataset for name, dataset in parts.items() if dataset in touched}


def _latest(access: Access, runs: list[str]) -> tuple[Entry, ...]:
    return latest_entries(access=access, runs=runs, most=LATEST)


def _words(count: int, done: str) -> str:
    return f"{plural(count, 'row')} behind this figure {'was' if count == 1 else 'were'} {done}"


def _shown(entry: Entry, access: Access) -> HandEntry:
    dataset = access.folder.catalog.dataset(entry.dataset)
    labels = {name: label_of(name, column.label) for name, column in dataset.columns.items()}
    return HandEntry(entry, label_of(dataset.name, dataset.label), labels)
