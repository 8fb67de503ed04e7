"""Prometheus remote write: requests that are kept as they came, and samples as records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sightline.ingest.events.body import Content
from sightline.ingest.events.shape import EVENT_ID, RECEIVED_AT, Record
from sightline.ingest.models import InboxBatch
from sightline.ingest.spec import SourceSpec
from sightline.sources.prometheus.records import Naming
from sightline.sources.prometheus.remote_write import CONTENT_TYPE, Write, decode, records_of
from sightline.sources.prometheus.streams import EVERYTHING

REMOTE_WRITE: Final = "remote_write"


def written(body: bytes, *, content_type: str, encoding: str) -> tuple[Content, Write]:
    """Return a request as it is kept, and what it holds. Raises WriteRefused and its kind: the sender hears at once."""
    write = decode(body, content_encoding=encoding, content_type=content_type)
    return Content(REMOTE_WRITE, body, len(write)), write


def samples_of(batch: InboxBatch, counters: Mapping[str, Any] | None) -> tuple[list[Record], Mapping[str, Any]]:
    """Return the records of a request and the state of counters behind it."""
    write = decode(bytes(batch.body or b""), content_encoding="snappy", content_type=CONTENT_TYPE)
    made = records_of(write, Naming(), counters)
    received_at = batch.received_at.isoformat()
    records = [
        {**record, EVENT_ID: f"{record['series']}/{record['at']}", RECEIVED_AT: received_at} for record in made.records
    ]
    return records, made.state


def stream_of_sample(record: Mapping[str, Any], spec: SourceSpec) -> str | None:
    """Return the stream of a sample: the only one there is, that of its metric, or the one of all samples."""
    if len(spec.streams) == 1:
        return next(iter(spec.streams))
    metric = record.get("metric")
    return metric if metric in spec.streams else EVERYTHING if EVERYTHING in spec.streams else None
