"""What a sync will do, decided before anything is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sightline.definitions.catalog import Catalog, did_you_mean
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import UserError
from sightline.ingest.mapping import MapFile, match
from sightline.ingest.spec import SchemaChanges, SourceSpec, StreamSpec
from sightline.sources.base import Cursor, Stream

WINDOW = timedelta(days=30)


class CannotSync(UserError):
    """A stream that cannot be read into its dataset as things are."""

    code = "SL-E385"


@dataclass(frozen=True)
class Position:
    """How far a stream has been read. `backfill`: since, until (ISO), and the cursor inside its first window."""

    cursor: Cursor | None = None
    backfill: Mapping[str, Any] | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Window:
    """A stretch of time to read, and where in it to go on. Both ends None: everything from the cursor."""

    since: datetime | None
    until: datetime | None
    cursor: Cursor | None


@dataclass(frozen=True)
class Drift:
    """How a stream's columns differ from those it had at the last sync. Nothing at the first one."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def told(self) -> str:
        """Return the difference in words."""
        parts = [("new", self.added), ("gone", self.removed)]
        return "; ".join(f"{word}: {', '.join(names)}" for word, names in parts if names)


@dataclass(frozen=True)
class StreamPlan:
    """How one stream is read. `columns` are asked for (empty: all), `remembered` are its columns from now on.

    `backfill_since` is where a backfill began, which may be before the windows that are left of it.
    """

    stream: Stream
    spec: StreamSpec
    dataset: Dataset
    mapping: MapFile
    columns: tuple[str, ...]
    windows: tuple[Window, ...]
    drift: Drift
    policy: SchemaChanges
    remembered: tuple[str, ...]
    backfill_since: datetime | None = None

    @property
    def is_backfill(self) -> bool:
        return self.backfill_since is not None


@dataclass(frozen=True)
class SyncPlan:
    """How a source is read: its streams, and those that cannot be with the reason."""

    source: str
    streams: tuple[StreamPlan, ...]
    problems: Mapping[str, str]


def plan_sync(
    spec: SourceSpec,
    *,
    catalog: Catalog,
    available: Sequence[Stream],
    positions: Mapping[str, Position],
    since: datetime | None,
    until: datetime | None,
    now: datetime,
) -> SyncPlan:
    """Return the plan. `since` asks for a backfill from then to `until` (default now) instead of what has changed."""
    by_name = {stream.name: stream for stream in available}
    plans, problems = [], {}
    for name in spec.streams:
        position = positions.get(name, Position())
        windows = _windows(spec, position, since=since, until=until, now=now)
        try:
            planned = _plan_stream(spec, name, by_name, catalog, position, windows)
            plans.append(replace(planned, backfill_since=since))
        except UserError as error:
            problems[name] = str(error)
    return SyncPlan(spec.name, tuple(plans), problems)


def _plan_stream(
    spec: SourceSpec,
    name: str,
    available: Mapping[str, Stream],
    catalog: Catalog,
    position: Position,
    windows: tuple[Window, ...],
) -> StreamPlan:
    stream = available.get(name)
    if stream is None:
        raise CannotSync(f'source "{spec.name}" has no stream "{name}"', hint=did_you_mean(name, available))
    stream_spec, policy = spec.streams[name], spec.policy_of(name)
    dataset = catalog.dataset(stream_spec.dataset)
    if not dataset.key_columns:
        raise CannotSync(
            f'dataset "{dataset.name}" has no key, so records that are read twice would be there twice',
            hint="Give it a primary entity or a key.",
        )
    drift = drift_of(position.columns, stream.columns)
    if drift and policy == "freeze":
        raise CannotSync(
            f'the columns of stream "{name}" changed ({drift.told()}) and the source is frozen',
            hint="Look at the mapping, then accept the new columns.",
        )
    known = position.columns if policy == "discard" and position.columns else stream.columns
    usable = tuple(column for column in known if column in stream.columns)
    mapping = _fitting(stream_spec.map, usable) if usable else stream_spec.map
    return StreamPlan(
        stream=stream,
        spec=stream_spec,
        dataset=dataset,
        mapping=mapping,
        columns=_wanted(stream, dataset, mapping, usable),
        windows=windows,
        drift=drift,
        policy=policy,
        remembered=known if policy == "discard" else stream.columns,
    )


def drift_of(before: Sequence[str], now: Sequence[str]) -> Drift:
    """Return how columns changed; nothing when either side is unknown."""
    if not before or not now:
        return Drift()
    added = tuple(name for name in now if name not in before)
    return Drift(added, tuple(name for name in before if name not in now))


def _fitting(mapping: MapFile, columns: Sequence[str]) -> MapFile:
    """Return the map without columns that the stream has no more: what they fill keeps its values."""
    left = {name: source for name, source in mapping.columns.items() if source in columns}
    return mapping if left == mapping.columns else mapping.model_copy(update={"columns": left})


def _wanted(stream: Stream, dataset: Dataset, mapping: MapFile, usable: Sequence[str]) -> tuple[str, ...]:
    if not usable:
        return ()
    used = match(dataset, usable, mapping).sources.values()
    own = [name for name in (*stream.key, stream.cursor, stream.created) if name]
    return tuple(dict.fromkeys([*own, *used]))


def _windows(
    spec: SourceSpec, position: Position, *, since: datetime | None, until: datetime | None, now: datetime
) -> tuple[Window, ...]:
    """Return the stretches to read. An unfinished backfill of the same stretch goes on where it stopped."""
    if since is None:
        first = datetime.combine(spec.since, time(), UTC) if spec.since and position.cursor is None else None
        return (Window(first, None, position.cursor),)
    end, begun = until or now, position.backfill
    if begun and begun["from"] == since.isoformat() and (until is None or begun["until"] == until.isoformat()):
        end = datetime.fromisoformat(begun["until"])
        rest = _split(datetime.fromisoformat(begun["since"]), end)
        return (replace(rest[0], cursor=begun["cursor"]), *rest[1:]) if rest else ()
    return _split(since, end)


def _split(since: datetime, until: datetime) -> tuple[Window, ...]:
    if since >= until:
        raise CannotSync(f"the backfill ends ({until:%Y-%m-%d %H:%M}) before it begins ({since:%Y-%m-%d %H:%M})")
    windows, start = [], since
    while start < until:
        windows.append(Window(start, min(start + WINDOW, until), None))
        start += WINDOW
    return tuple(windows)
