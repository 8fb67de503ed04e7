"""What stands beside figures when the data behind them is odd: an unusual day, a late source, changed columns."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Q

from sightline.accounts.access import Access
from sightline.home import WorkspaceFolder
from sightline.ingest.models import DataEvent, Source

UNUSUAL = "volume_unusual"
LASTING = (UNUSUAL, "count_differs", "stale")
PASSING = "schema_changed"
TOLD_FOR = timedelta(days=1)
"""Columns change in a moment; for so long the figures say so."""
LOOK_AGAIN_SECONDS = 15.0
"""For so long what was found counts as current: pages that are known already ask the database nothing for it."""


@dataclass(frozen=True)
class Mark:
    """One thing that is odd about a dataset. `message` and `detail` are empty for who may know no more than that."""

    dataset: str
    kind: str
    message: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Event:
    kind: str
    datasets: tuple[str, ...]
    message: str
    detail: Mapping[str, Any]


_known: dict[Path, tuple[float, tuple[_Event, ...]]] = {}


def data_marks(access: Access, *, now: datetime) -> tuple[Mark, ...]:
    """Return what is odd about the datasets of which the viewer sees any row.

    How many rows a day has is told to who sees every row of the dataset, and what is wrong with a source to who may see
    sources besides; to others only that the data is unusual.
    """
    policy = access.viewer.policy
    found = []
    for event in _events(access.folder, now):
        for dataset in event.datasets:
            rule = policy.rows_of(dataset) if dataset in access.folder.catalog.datasets else None
            if rule is None:
                continue
            is_told = rule == "all" and (event.kind == UNUSUAL or policy.may_follow_data)
            found.append(
                Mark(dataset, event.kind, event.message, event.detail) if is_told else Mark(dataset, event.kind)
            )
    return tuple(found)


def _events(folder: WorkspaceFolder, now: datetime) -> Sequence[_Event]:
    """Return the events of a workspace as they were within the last seconds."""
    looked_at, known = _known.get(folder.path, (float("-inf"), ()))
    if time.monotonic() - looked_at < LOOK_AGAIN_SECONDS:
        return known
    looked_at, found = time.monotonic(), tuple(_read(folder.name, now))
    _known[folder.path] = (looked_at, found)
    return found


def _read(workspace: str, now: datetime) -> Iterator[_Event]:
    lasts, passes = Q(kind__in=LASTING, ended_at=None), Q(kind=PASSING, at__gte=now - TOLD_FOR)
    for event in DataEvent.objects.filter(lasts | passes, workspace=workspace).order_by("at", "pk"):
        if event.dataset and event.kind != "stale":  # a dataset that is stale is told by its freshness
            yield _Event(event.kind, (event.dataset,), event.message, event.detail)
        elif event.source:
            yield _Event(event.kind, _filled_by(workspace, event.source), event.message, event.detail)


def _filled_by(workspace: str, source: str) -> tuple[str, ...]:
    found = Source.objects.filter(workspace=workspace, name=source).first()
    return tuple(dict.fromkeys(str(each["dataset"]) for each in found.spec["streams"].values())) if found else ()
