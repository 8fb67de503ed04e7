"""The streams of a Prometheus source."""

from __future__ import annotations

from collections.abc import Sequence

from sightline.sources.base import Stream
from sightline.sources.prometheus.records import KEY

EVERYTHING = "samples"


def streams_of(metrics: Sequence[str], *, columns: tuple[str, ...]) -> tuple[Stream, ...]:
    """Return the stream of all samples, then one per metric named in the settings."""
    named = ((EVERYTHING, "All samples"), *((metric, metric) for metric in metrics))
    return tuple(
        Stream(name=name, label=label, key=KEY, columns=columns, cursor="at", created="at", appends_only=True)
        for name, label in named
    )
