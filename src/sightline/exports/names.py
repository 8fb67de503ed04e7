"""Words that every export writes: the label and unit of a metric, names that Prometheus accepts."""

from __future__ import annotations

import re

from sightline.dashboards.units import Unit, unit_of
from sightline.definitions.catalog import Catalog
from sightline.definitions.schema.base import label_of

_NOT_A_NAME = re.compile(r"[^a-zA-Z0-9_]+")


def label(catalog: Catalog, metric: str) -> str:
    """Return what people call the metric."""
    return label_of(metric, catalog.metric(metric).label)


def unit(catalog: Catalog, metric: str) -> Unit:
    """Return how numbers of the metric are written."""
    return unit_of(catalog.metric(metric).unit, currency=catalog.settings.currency)


def unit_word(catalog: Catalog, metric: str) -> str:
    """Return the unit of the exported number: a percentage is a ratio, a currency its code."""
    found = unit(catalog, metric)
    if found.kind == "percent":
        return "ratio"
    return found.code or catalog.metric(metric).unit.lower()


def camel(*words: str) -> str:
    """Return words as one name of an alert: `SightlineCostPerLeadCritical`."""
    parts = (part for word in words for part in _NOT_A_NAME.sub("_", word).split("_") if part)
    return "".join(part[0].upper() + part[1:] for part in parts)


def quoted(value: str) -> str:
    """Return a value as a PromQL string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def selected(name: str, **labels: str) -> str:
    """Return the series of one name with these labels: `name{workspace="demo"}`. An empty value: without the label."""
    return f"{name}{{{', '.join(f'{each}={quoted(value)}' for each, value in labels.items())}}}"
