"""Texts that exporters show: Prometheus text format 0.0.4 and OpenMetrics 1.0, read into samples.

The library prometheus_client parses both. Beside it stands what it changes or leaves to the caller:

- It renames counters of format 0.0.4 that do not end in `_total`. Names stay as they are exported here.
- It raises whatever its code happens to meet (KeyError, TypeError and others). All become BadExposition.
- It takes integers of any size. A value is a float64 (OpenMetrics 1.0, § Numbers), so larger ones are infinite.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families as text_families
from prometheus_client.samples import Sample as LibrarySample

from sightline.sources.base import SourceAnswer
from sightline.sources.prometheus.sample import SUFFIXES, Family, Sample, known_type

ACCEPT = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
OPENMETRICS = "application/openmetrics-text"
MALFORMED = (ValueError, KeyError, IndexError, TypeError, AttributeError, UnboundLocalError, OverflowError)
"""What the library raises for texts that are not of the format."""

COUNTER = re.compile(r"^([ \t]*#[ \t]+TYPE[ \t]+(?!\S*_total[ \t])(\S+)[ \t]+)counter[ \t]*$", re.MULTILINE)
"""The declaration of a counter whose name does not end in `_total`."""

SeriesLabels = tuple[str, tuple[tuple[str, str], ...]]


class BadExposition(SourceAnswer):
    """A scraped text is not of the format that its Content-Type names."""

    code = "SL-E340"


@dataclass(frozen=True)
class Exposition:
    """What a text shows. `native_histograms`: how many of its samples hold no plain number, and are left out."""

    samples: Sequence[Sample]
    native_histograms: int = 0


def parse(body: bytes, *, content_type: str, where: str = "the text") -> Exposition:
    """Return the samples of a text in its order. Only `application/openmetrics-text` is read by OpenMetrics' rules."""
    try:
        text = body.decode("utf-8")
        is_openmetrics = content_type.split(";")[0].strip().lower() == OPENMETRICS
        families = list(_openmetrics(text) if is_openmetrics else _text(text))
    except MALFORMED as error:
        kind = "OpenMetrics 1.0" if content_type.lower().startswith(OPENMETRICS) else "Prometheus text format 0.0.4"
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise BadExposition(
            f"{where} is not {kind}: {said}",
            hint=f'Its Content-Type is "{content_type}"; check that the address is one that shows metrics.',
        ) from error
    created = _created(families)
    shown = [(family, sample) for family in families for sample in family.samples]
    plain = [_sample(family, one, created) for family, one in shown if one.native_histogram is None]
    return Exposition(plain, len(shown) - len(plain))


def _openmetrics(text: str) -> Iterator[Metric]:
    yield from openmetrics_families(text)  # type: ignore[no-untyped-call]  # the library has no types here


def _text(text: str) -> Iterator[Metric]:
    """Yield the families of format 0.0.4. The library appends `_total` to samples of counters, but not of gauges."""
    counters = {name for _, name in COUNTER.findall(text)}
    for family in text_families(COUNTER.sub(r"\1gauge", text) if counters else text):
        if family.name in counters and family.type == "gauge":
            family.type = "counter"
        yield family


def _created(families: Sequence[Metric]) -> Mapping[SeriesLabels, float]:
    """Return when series began. OpenMetrics tells it in the family, format 0.0.4 in a gauge beside it."""
    return {
        (sample.name.removesuffix("_created"), _identity(sample.labels)): float(sample.value)
        for family in families
        if family.name.endswith("_created") or "_created" in SUFFIXES.get(family.type, ())
        for sample in family.samples
        if sample.name.endswith("_created")
    }


def _sample(family: Metric, sample: LibrarySample, created: Mapping[SeriesLabels, float]) -> Sample:
    name, labels, value, timestamp = sample[:4]
    began = None
    if created and family.type in ("counter", "histogram", "summary"):
        began = created.get((_base(family, name), _identity(labels)))
    at = None if timestamp is None else float(timestamp)
    return Sample(
        name, labels, _float(value), at, Family(known_type(family.type), family.unit, family.documentation), began
    )


def _base(family: Metric, name: str) -> str:
    """Return the name that stands before `_created`."""
    return family.name if name.startswith(family.name) else name


def _identity(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what tells metrics of a family apart: the labels without those of a bucket or quantile."""
    return tuple(sorted((name, value) for name, value in labels.items() if name not in ("le", "quantile")))


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
