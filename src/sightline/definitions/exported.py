"""Under which names and labels metrics are exported: what a pack declares, with prefix and defaults filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sightline.definitions.catalog import Catalog
from sightline.definitions.schema.export import Export
from sightline.definitions.schema.metric import Metric

DEFAULT_PREFIX = "sightline_"
OWN_PREFIX = "sightline_export_"
"""Names of what an export tells of itself."""

WORKSPACE_LABEL, PERIOD_LABEL, WHERE_LABEL, STAGE_LABEL = "workspace", "period", "where", "stage"
TAKEN_LABELS = frozenset(
    {WORKSPACE_LABEL, WHERE_LABEL, STAGE_LABEL, "job", "instance", "le", "quantile", "cohort", "age"}
)
"""Labels with a meaning of their own: a dimension of such a name gets `dimension_` before it."""

WHOLE_WINDOW = ""
"""The period of an export that names none: the last 30 whole days, for cohorts the last 30 mature ones."""

_TEXT = re.compile(r"(\w+) ?(?:\{(.*)\})?")


@dataclass(frozen=True)
class Exported:
    """One exported name: the dimensions that become labels, and the periods of its figures.

    `called` says, of a dimension whose label has another name, which.
    `says_period` is whether the name of the period is a label too.
    """

    name: str
    metric: str
    labels: tuple[str, ...] = ()
    periods: tuple[str, ...] = (WHOLE_WINDOW,)
    says_period: bool = False
    called: tuple[tuple[str, str], ...] = ()

    @property
    def label_names(self) -> tuple[str, ...]:
        """The labels as they are written, in the order of their dimensions."""
        return tuple(dict(self.called).get(name, label_name(name)) for name in self.labels)


def exports_of(name: str, metric: Metric, *, prefix: str) -> tuple[Exported, ...]:
    """Return the exported names of a metric, as written or its own name without labels."""
    written = metric.export if metric.export is not None else Export()
    declared = written if isinstance(written, list) else [written]
    return tuple(_exported(each, name, prefix) for each in declared)


def all_exports(catalog: Catalog) -> tuple[Exported, ...]:
    """Return every exported name of the metrics that people see, in order of name."""
    found = [
        each
        for name, metric in catalog.metrics.items()
        if not metric.hidden
        for each in exports_of(name, metric, prefix=prefix_of(catalog, name))
    ]
    return tuple(sorted(found, key=lambda each: each.name))


def prefix_of(catalog: Catalog, metric: str) -> str:
    """Return what the metric's exported names begin with: the workspace's word, else its pack's, else `sightline_`."""
    prefixes: Mapping[str, str | None] = {each.pack: each.metric_prefix for each in catalog.packs}
    of_pack = prefixes.get(catalog.pack_of.get(("metric", metric), ""))
    chosen = catalog.settings.metric_prefix if catalog.settings.metric_prefix is not None else of_pack
    return DEFAULT_PREFIX if chosen is None else chosen


def export_of(written: str | Export) -> Export:
    """Return what a text such as `revenue_mrr{tier}` says."""
    if isinstance(written, Export):
        return written
    match = _TEXT.fullmatch(written.strip())
    if match is None:
        return Export(name=written)
    pairs = [each.split("=") for each in (match[2] or "").replace(" ", "").split(",") if each]
    return Export(name=match[1], labels={pair[0]: pair[-1] for pair in pairs})


def label_name(dimension: str) -> str:
    """Return the label that holds a dimension."""
    return f"dimension_{dimension}" if dimension in TAKEN_LABELS else dimension


def by_label(dimension: str) -> str:
    """Return the label that says whose figure it is, where a panel lists the members of a dimension."""
    return f"by_{dimension}"


def _exported(written: str | Export, metric: str, prefix: str) -> Exported:
    declared = export_of(written)
    name = declared.name or metric
    labels = declared.labels if isinstance(declared.labels, dict) else {each: each for each in declared.labels}
    periods = [declared.period] if isinstance(declared.period, str) else declared.period or [WHOLE_WINDOW]
    return Exported(
        name=name if prefix and name.startswith(prefix) else f"{prefix}{name}",
        metric=metric,
        labels=tuple(dict.fromkeys(each for each in labels.values() if each != PERIOD_LABEL)),
        periods=tuple(dict.fromkeys(periods)),
        says_period=PERIOD_LABEL in labels.values() or len(periods) > 1,
        called=tuple((dimension, label) for label, dimension in labels.items() if label != dimension),
    )
