"""`/metrics`: every published metric of a workspace as its caller may see it, as text for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from sightline.definitions.catalog import Catalog
from sightline.definitions.exported import OWN_PREFIX, WORKSPACE_LABEL
from sightline.definitions.policy import Viewer
from sightline.exports.families import declared_families, families
from sightline.exports.names import label, unit_word
from sightline.exports.samples import Asking, Samples, sample
from sightline.lake.snapshot import Snapshot
from sightline.metrics.answer import SourceState
from sightline.metrics.warehouse import Warehouse

LEFT_OUT = f"{OWN_PREFIX}left_out"
SNAPSHOT = f"{OWN_PREFIX}snapshot"
DATA_THROUGH = f"{OWN_PREFIX}data_through_timestamp_seconds"


@dataclass(frozen=True)
class Exposition:
    """What a scrape answers. `is_new` tells that it was made now, and not known from an earlier scrape."""

    content: bytes
    content_type: str
    is_new: bool


@dataclass(frozen=True)
class Collected(Collector):
    """The metric families of one scrape, in the form that prometheus_client writes."""

    found: tuple[Metric, ...]

    def collect(self) -> Iterable[Metric]:
        return self.found


def exposition(
    viewer: Viewer, *, warehouse: Warehouse, now: datetime, accept: str = "", dashboards: bool = True
) -> Exposition:
    """Return the text in the format that the scraper asks for: OpenMetrics, else text 0.0.4.

    Without `dashboards` the figures that only dashboards show are left out: they are most of the work.

    It is kept until the data, the definitions or the day change. Raises NotAllowed when the viewer may see no numbers.
    """
    encode, content_type = choose_encoder(accept)
    snapshot = warehouse.lake.snapshot()
    day = now.astimezone(ZoneInfo(warehouse.catalog.settings.zone)).date()
    made_of = (warehouse.catalog.digest, _versions(snapshot), day)
    key = ("exposition", content_type, dashboards, viewer.policy.digest, made_of)
    known = warehouse.cache.get(key)
    if isinstance(known, bytes):
        return Exposition(known, content_type, is_new=False)
    limit = warehouse.catalog.settings.metric_series
    asking = Asking(viewer, warehouse, now, snapshot, limit)
    wanted = families(warehouse.catalog, warehouse.joins) if dashboards else declared_families(warehouse.catalog)
    found, sources = sample(wanted, asking)
    content = encode(Collected(tuple(_metrics(found, sources, snapshot, warehouse.catalog))))
    warehouse.cache.put(key, content, size=len(content))
    return Exposition(content, content_type, is_new=True)


def _versions(snapshot: Snapshot) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((name, each.version) for name, each in snapshot.datasets.items()))


def _metrics(
    found: Iterable[Samples], sources: Iterable[SourceState], snapshot: Snapshot, catalog: Catalog
) -> Iterator[Metric]:
    workspace = {WORKSPACE_LABEL: catalog.settings.workspace}
    left_out = GaugeMetricFamily(LEFT_OUT, "Figures that have no series, by exported name and reason.")
    for samples in found:
        if samples.values:
            yield _family(samples, catalog)
        for reason, count in sorted(samples.left_out.items()):
            if count:
                left_out.add_sample(LEFT_OUT, {**workspace, "metric": samples.family.name, "reason": reason}, count)
    yield left_out
    read = GaugeMetricFamily(SNAPSHOT, "The snapshot of the data that the figures were read from.")
    read.add_sample(SNAPSHOT, workspace, snapshot.id)
    yield read
    through = GaugeMetricFamily(DATA_THROUGH, "Time of the newest row, by dataset. Unit: seconds.", unit="seconds")
    for source in sources:
        if source.data_through is not None:
            through.add_sample(DATA_THROUGH, {**workspace, "dataset": source.dataset}, source.data_through.timestamp())
    yield through


def _family(samples: Samples, catalog: Catalog) -> Metric:
    """Return the samples as a gauge: figures of a period rise and fall. OpenMetrics wants the unit in the name."""
    name, metric = samples.family.name, samples.family.metric
    unit = unit_word(catalog, metric)
    family = GaugeMetricFamily(name, _help(catalog, metric, unit), unit=unit if name.endswith(f"_{unit}") else "")
    for labels, value in samples.values.items():
        family.add_sample(name, {WORKSPACE_LABEL: catalog.settings.workspace, **dict(labels)}, value)
    return family


def _help(catalog: Catalog, metric: str, unit: str) -> str:
    said = f"{label(catalog, metric)}. {' '.join(catalog.metric(metric).description.split())}".strip()
    return f"{said}{'' if said.endswith('.') else '.'} Unit: {unit}."
