"""Samples as records: one per sample, the same whether it was scraped, queried or written to us."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import orjson

from sightline.sources.base import Record
from sightline.sources.prometheus.counters import Point, State, increases, read_until
from sightline.sources.prometheus.sample import (
    Family,
    MetricType,
    Sample,
    accumulates,
    declared_family,
    type_by_convention,
)

COLUMNS = ("metric", "series", "at", "value", "increase", "type", "unit", "labels")
KEY = ("series", "at")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Naming:
    """What people say of metrics. `metric_prefix` is taken off names; `types`: name of a metric or family → type."""

    metric_prefix: str = "chom_"
    types: Mapping[str, MetricType] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """Records, the state of their counters behind them, and how many samples were left out, by reason."""

    records: Sequence[Record]
    state: State
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Series:
    """What all records of a series share."""

    id: str
    grows: bool
    columns: Mapping[str, str]


def series_id(name: str, labels: Mapping[str, str]) -> str:
    """Return the stable name of a series: 24 hexadecimal digits over its name and labels. An empty label is none."""
    told = {key: value for key, value in labels.items() if value}
    return hashlib.blake2b(orjson.dumps([name, told], option=orjson.OPT_SORT_KEYS), digest_size=12).hexdigest()


@lru_cache(maxsize=4096)
def moment(at: float) -> str:
    """Return a time as ISO text with milliseconds, the resolution that Prometheus keeps."""
    return (EPOCH + timedelta(milliseconds=round(at * 1000))).isoformat(timespec="milliseconds")


def records_of(
    samples: Sequence[Sample], *, naming: Naming, state: State | None, now: float, families: Mapping[str, Family]
) -> Made:
    """Return the records of samples. Those without a time were measured `now`.

    Left out are `nan` (also the markers that a series ended), `infinite`, `time` (no moment of a calendar) and
    `repeated` (a second value of a series for the same moment: the first holds, as in Prometheus).
    """
    left_out: Counter[str] = Counter()
    known: dict[tuple[str, int], _Series] = {}
    taken: dict[tuple[str, str], tuple[_Series, Sample, float]] = {}
    for sample in samples:
        key = (sample.name, id(sample.labels))  # samples of a range share their labels: described once
        series = known.get(key) or known.setdefault(key, _series(sample, naming, families))
        at = now if sample.at is None else sample.at
        reason = _flaw(sample.value, at)
        place = (series.id, "" if reason else moment(at))
        if reason or place in taken:
            left_out[reason or "repeated"] += 1
        else:
            taken[place] = (series, sample, at)
    growing = [(series.id, Point(one.value, at, one.created)) for series, one, at in taken.values() if series.grows]
    grown, after = increases(growing, state)
    rest = iter(grown)
    records = [
        {
            **series.columns,
            "series": series.id,
            "at": at,
            "value": sample.value,
            "increase": next(rest) if series.grows else None,
        }
        for (_, at), (series, sample, _) in taken.items()
    ]
    return Made(records, read_until(after, now), dict(left_out))


def _flaw(value: float, at: float) -> str:
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "infinite"
    return "" if -62_135_596_800 <= at < 253_402_300_799 else "time"  # years 1 to 9999


def _series(sample: Sample, naming: Naming, families: Mapping[str, Family]) -> _Series:
    labels = {name: sample.labels[name] for name in sorted(sample.labels) if sample.labels[name]}
    family = _family(sample, naming, families)
    return _Series(
        series_id(sample.name, labels),
        accumulates(sample.name, labels, family.type),
        {
            "metric": sample.name.removeprefix(naming.metric_prefix),
            "type": family.type,
            "unit": family.unit,
            "labels": orjson.dumps(labels).decode(),
            **{f"label.{name}": value for name, value in labels.items()},
        },
    )


def _family(sample: Sample, naming: Naming, families: Mapping[str, Family]) -> Family:
    """Return the family of a sample: as people say, else as its source says, else as its name implies."""
    told = sample.family if sample.family.type != "unknown" else declared_family(sample.name, families) or sample.family
    said = declared_family(sample.name, {name: Family(type=kind) for name, kind in naming.types.items()})
    kind = said.type if said else told.type
    return Family(type_by_convention(sample.name) if kind == "unknown" and not said else kind, told.unit)
