"""Sending events as other systems do: signed JSON, and remote writes of Prometheus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import cramjam

from sightline.ingest.events.signature import signature_of
from sightline.sources.prometheus import remote_write

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "whsec of a test"


def signed(body: bytes, *, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    """Return the headers of a signed request."""
    return {"Sightline-Signature": signature_of(body, secret=secret, at=at or datetime.now(UTC))}


def prometheus_body(series: Mapping[str, Sequence[tuple[float, float]]]) -> bytes:
    """Return a remote write of these series: name → (seconds, value)."""
    request = remote_write._WRITE_REQUEST()
    for name, samples in series.items():
        added = request.timeseries.add()
        added.labels.add(name="__name__", value=name)
        for at, value in samples:
            added.samples.add(timestamp=int(at * 1000), value=value)
    return bytes(cramjam.snappy.compress_raw(request.SerializeToString()))
