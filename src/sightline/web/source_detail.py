"""One source in detail: its streams, its maps, what changed between two of its versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sightline.accounts.access import Access
from sightline.definitions.schema.base import label_of
from sightline.ingest.models import Source, StreamState, SyncRun
from sightline.ingest.overview import OVER

LAST_RUNS = 30
SHOWN_MAP = 6


@dataclass(frozen=True)
class StreamLine:
    """A stream and what came of its last sync. Counts are None before the first one."""

    name: str
    dataset: str
    dataset_label: str
    moved_at: datetime | None
    is_backfilling: bool
    received: int | None
    held: int | None
    compared_days: int
    differing: tuple[Mapping[str, Any], ...]
    problem: str
    drift: str
    mapped: tuple[tuple[str, str], ...]
    more_mapped: int

    @property
    def tone(self) -> str:
        return "bad" if self.differing or self.problem else ""


@dataclass(frozen=True)
class Change:
    """A place in a specification that two versions differ in. Empty: it was, or is, not there."""

    path: str
    before: str
    after: str


def stream_lines(source: Source, access: Access) -> list[StreamLine]:
    """Return the streams of a source in the order they are declared."""
    states = {state.stream: state for state in StreamState.objects.filter(source=source)}
    runs = list(SyncRun.objects.filter(source=source, state__in=OVER)[:LAST_RUNS])
    return [_stream(name, spec, states.get(name), runs, access) for name, spec in source.spec["streams"].items()]


def _stream(
    name: str, spec: Mapping[str, Any], state: StreamState | None, runs: Sequence[SyncRun], access: Access
) -> StreamLine:
    dataset = spec["dataset"]
    known = access.folder.catalog.datasets.get(dataset)
    last: Mapping[str, Any] = next((run.streams[name] for run in runs if name in run.streams), {})
    counted: Mapping[str, Any] = next(
        (run.streams[name] for run in runs if run.streams.get(name, {}).get("compared_days")), {}
    )
    pairs = [(source, column) for column, source in spec.get("map", {}).get("columns", {}).items()]
    return StreamLine(
        name=name,
        dataset=dataset,
        dataset_label=label_of(dataset, known.label if known else ""),
        moved_at=state.changed_at if state and state.cursor is not None else None,
        is_backfilling=bool(state and state.backfill),
        received=last.get("received"),
        held=last.get("rejected"),
        compared_days=counted.get("compared_days", 0),
        differing=tuple(counted.get("differing", ())),
        problem=last.get("problem", ""),
        drift=last.get("drift", ""),
        mapped=tuple(pairs[:SHOWN_MAP]),
        more_mapped=max(0, len(pairs) - SHOWN_MAP),
    )


def changes_between(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[Change]:
    """Return what differs between two specifications, place by place."""
    old, new = dict(_flat(before)) if before else {}, dict(_flat(after))
    paths = [*new, *(path for path in old if path not in new)]
    return [
        Change(path, old.get(path, ""), new.get(path, "")) for path in paths if old.get(path, "") != new.get(path, "")
    ]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for name, each in value.items():
            yield from _flat(each, f"{path} › {name}" if path else str(name))
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        for number, each in enumerate(value, 1):
            named = each.get("name") if isinstance(each, dict) else None
            yield from _flat(each, f"{path} › {named or number}")
    else:
        yield path, ", ".join(map(str, value)) if isinstance(value, list) else str(value)
