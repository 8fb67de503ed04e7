"""Deciding where the records of a group go. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson

from sightline.definitions.catalog import Catalog, did_you_mean
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import SightlineError, UserError
from sightline.ingest.events.body import Format, records_in
from sightline.ingest.events.remote_write import REMOTE_WRITE, samples_of, stream_of_sample
from sightline.ingest.events.shape import Record, aligned, by_fields, one_per_key, with_own_fields
from sightline.ingest.mapping import MapFile
from sightline.ingest.models import InboxBatch
from sightline.ingest.spec import SourceSpec

HELD = "held"


class UnknownStream(UserError):
    """A record names a stream that its source does not have, or none."""

    code = "SL-E356"


@dataclass(frozen=True)
class Part:
    """Records that are stored in one commit. `name` tells it apart from the others of its group."""

    name: str
    dataset: Dataset
    mapping: MapFile
    records: Sequence[Record]


@dataclass
class Routed:
    """Where the records of a group go: in parts, held (by batch), or nowhere as the whole batch is at fault."""

    parts: list[Part] = field(default_factory=list)
    held: dict[int, list[Record]] = field(default_factory=dict)
    why: dict[int, str] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    counters: Mapping[str, Any] | None = None


def route(
    batches: Sequence[InboxBatch], *, spec: SourceSpec, catalog: Catalog, counters: Mapping[str, Any] | None = None
) -> Routed:
    """Return where the records go. A batch at fault names its problem; then the parts are not to be used.

    `counters` is the state of counters before these batches (remote write), `Routed.counters` that behind them.
    """
    routed = Routed()
    streams: dict[str, list[Record]] = {name: [] for name in spec.streams}
    senders: dict[str, set[int]] = {name: set() for name in spec.streams}
    for batch in batches:
        try:
            if batch.format == REMOTE_WRITE:
                records, counters = samples_of(batch, counters)
                routed.counters = counters
            else:
                records = records_of(batch)
        except SightlineError as error:
            routed.faults[batch.pk] = str(error)
            continue
        _add(routed, batch, records, spec, streams, senders)
    for name, found in streams.items():
        if found:
            _add_parts(routed, name, found, spec=spec, catalog=catalog, senders=senders[name])
    return routed


def _add(
    routed: Routed,
    batch: InboxBatch,
    records: Sequence[Record],
    spec: SourceSpec,
    streams: dict[str, list[Record]],
    senders: dict[str, set[int]],
) -> None:
    """Put the records of a batch where they go."""
    held: list[Record] = []
    for record in records:
        stream = stream_of_sample(record, spec) if batch.format == REMOTE_WRITE else stream_of(record, spec)
        if stream is None:
            held.append(record)
        else:
            streams[stream].append(record)
            senders[stream].add(batch.pk)
    if held and len(held) == len(records):
        routed.faults[batch.pk] = unknown_stream(held[0], spec)
    elif held:
        routed.held[batch.pk], routed.why[batch.pk] = held, unknown_stream(held[0], spec)


def records_of(batch: InboxBatch) -> list[Record]:
    """Return a batch's records with the fields that we add. Raises BadEvents."""
    if batch.body is None:
        return []
    data = bytes(batch.body)
    if batch.format == HELD:
        held: list[Record] = orjson.loads(data)
        return held
    form: Format = "ndjson" if batch.format == "ndjson" else "json"
    received_at = batch.received_at.isoformat()
    return with_own_fields(records_in(data, form), key=batch.key, received_at=received_at)


def stream_of(record: Mapping[str, Any], spec: SourceSpec) -> str | None:
    """Return the stream of a record: the only one there is, or the one its `event` or `type` names."""
    if len(spec.streams) == 1:
        return next(iter(spec.streams))
    named = record.get("event") or record.get("type")
    return named if isinstance(named, str) and named in spec.streams else None


def unknown_stream(record: Mapping[str, Any], spec: SourceSpec) -> str:
    """Return what is wrong with a record that belongs to no stream."""
    named = record.get("event") or record.get("type")
    said = f'no stream "{named}"' if named else 'the record names no stream in "event" or "type"'
    return str(UnknownStream(said, hint=did_you_mean(str(named or ""), spec.streams)))


def held_batch(batch: InboxBatch, records: Sequence[Record], why: str) -> InboxBatch:
    """Return the dead batch that keeps the records of another which could not be routed."""
    data = orjson.dumps(records)
    return InboxBatch(
        source_id=batch.source_id,
        key=f"held-{batch.pk}-{sha256(batch.key.encode()).hexdigest()[:12]}",
        digest=sha256(data).digest(),
        format=HELD,
        body=data,
        records=len(records),
        received_at=batch.received_at,
        state=InboxBatch.State.DEAD,
        problem=why[:2000],
    )


def _add_parts(
    routed: Routed, name: str, records: list[Record], *, spec: SourceSpec, catalog: Catalog, senders: set[int]
) -> None:
    stream = spec.streams[name]
    try:
        dataset = catalog.dataset(stream.dataset)
        found = one_per_key(aligned(records, dataset, stream.map), dataset, stream.map)
        parted = by_fields(found, dataset, stream.map)
    except SightlineError as error:
        routed.faults |= dict.fromkeys(senders, str(error))
        return
    for part, members in parted.items():
        routed.parts.append(Part(f"{name}-{part}", dataset, stream.map, members))
