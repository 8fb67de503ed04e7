"""Which names and series are exported: what packs declare, and beside it what the dashboards show.

A rate, a median or a distinct count cannot be added up from its parts, so Prometheus must be given every level that is
asked for. Beside the declared name stands `<name>_by`: the figures that dashboards show, each of a period (label
`period`). `by_school` says whose figure it is where a panel lists schools, `school` that the figure is held to a member
chosen in a variable. A series without a label is the figure over all its members. They are never summed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sightline.definitions.catalog import Catalog
from sightline.definitions.dimensions import Joins
from sightline.definitions.exported import (
    PERIOD_LABEL,
    WHERE_LABEL,
    Exported,
    all_exports,
    exports_of,
    prefix_of,
)
from sightline.definitions.lineage import grouping_datasets
from sightline.definitions.schema.dashboard import Dashboard, Variable
from sightline.exports.panel_readings import PanelReading, panel_readings

BY = "_by"


@dataclass(frozen=True)
class Level:
    """Figures of one metric that one question answers: listed `by` dimensions, and `held` to each member of others.

    `labels` are the same for all of them; `called` says which dimensions have a label of another name.
    """

    metric: str
    by: tuple[str, ...]
    held: tuple[str, ...]
    period: str
    where: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    called: tuple[tuple[str, str], ...] = ()

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What its question is grouped by."""
        return tuple(dict.fromkeys((*self.by, *self.held)))


@dataclass(frozen=True)
class Family:
    """All series of one exported name."""

    name: str
    metric: str
    levels: tuple[Level, ...]


def families(catalog: Catalog, joins: Joins) -> tuple[Family, ...]:
    """Return every exported name of the workspace with its levels, in order of name."""
    found = (*declared_families(catalog), *dashboard_families(catalog, joins))
    return tuple(sorted(found, key=lambda each: each.name))


def declared_families(catalog: Catalog) -> tuple[Family, ...]:
    """Return the names that packs declare, and those of the metrics that declare none."""
    return tuple(Family(each.name, each.metric, tuple(_declared(each))) for each in all_exports(catalog))


def dashboard_families(catalog: Catalog, joins: Joins) -> tuple[Family, ...]:
    """Return the `_by` names: per metric the levels that any dashboard shows, coarse ones first."""
    found: dict[str, dict[Level, None]] = {}
    for dashboard in catalog.dashboards.values():
        for panel in dashboard.panels:
            for reading in panel_readings(panel, dashboard, catalog):
                if reading.metric in catalog.metrics:
                    found.setdefault(reading.metric, {}).update(
                        dict.fromkeys(levels_of(reading, dashboard, catalog, joins))
                    )
    return tuple(
        Family(by_name(catalog, metric), metric, tuple(sorted(levels, key=_coarse_first)))
        for metric, levels in sorted(found.items())
    )


def by_name(catalog: Catalog, metric: str) -> str:
    """Return the name that holds the figures dashboards show of a metric."""
    return main_export(catalog, metric).name + BY


def main_export(catalog: Catalog, metric: str) -> Exported:
    """Return the first exported name of a metric."""
    return exports_of(metric, catalog.metric(metric), prefix=prefix_of(catalog, metric))[0]


def levels_of(reading: PanelReading, dashboard: Dashboard, catalog: Catalog, joins: Joins) -> Iterator[Level]:
    """Yield the levels a panel needs: its own, and one for each variable of the dashboard that may be chosen.

    Two variables chosen at once would need a level per pair: nobody asked for those numbers yet, so they are not made.
    """
    about = (dashboard.entity,) if dashboard.entity else ()
    if all(reaches(catalog, joins, reading.metric, name) for name in (*reading.by, *about)):
        yield _level(reading, about)
        for name in variables_of(dashboard):
            if reaches(catalog, joins, reading.metric, name):
                yield _level(reading, (*about, name))


def variables_of(dashboard: Dashboard) -> tuple[str, ...]:
    """Return the dimensions of the dashboard's variables, without the entity it is about."""
    named = (each.dimension if isinstance(each, Variable) else each for each in dashboard.variables)
    return tuple(name for name in dict.fromkeys(named) if name != dashboard.entity)


def reaches(catalog: Catalog, joins: Joins, metric: str, dimension: str) -> bool:
    """Return whether everything the metric counts can be grouped by the dimension."""
    datasets = grouping_datasets(catalog.metrics, metric)
    return bool(datasets) and all(dimension in joins.dimensions(dataset) for dataset in datasets)


def _declared(exported: Exported) -> Iterator[Level]:
    for period in exported.periods:
        labels = ((PERIOD_LABEL, period or "whole_window"),) if exported.says_period else ()
        yield Level(exported.metric, (), exported.labels, period, labels=labels, called=exported.called)


def _level(reading: PanelReading, held: tuple[str, ...]) -> Level:
    labels = ((PERIOD_LABEL, reading.period), *(((WHERE_LABEL, reading.where),) if reading.where else ()))
    return Level(reading.metric, tuple(sorted(reading.by)), tuple(sorted(held)), reading.period, reading.where, labels)


def _coarse_first(level: Level) -> tuple[int, tuple[str, ...], tuple[str, ...], str, str]:
    return len(level.dimensions), level.by, level.held, level.period, level.where or ""
