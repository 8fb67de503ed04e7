"""Which figures each kind of panel shows: metrics, by which dimensions, over which period.

The exposition makes these figures, the Grafana export asks for them; both go by this one table. A kind of panel that
has no line of its own is read by the metrics and dimensions that its definition names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sightline.definitions.catalog import Catalog
from sightline.definitions.panels import GRAINS, panel_dimensions, panel_metrics, spelt_out
from sightline.definitions.schema.dashboard import (
    BarChart,
    Dashboard,
    FunnelChart,
    HeatmapChart,
    HistogramChart,
    LineChart,
    Panel,
    ScatterChart,
    TableColumn,
    TablePanel,
    panel_kind,
)

GRAIN_PERIODS = {
    "hour": "today",
    "day": "yesterday",
    "week": "last_week",
    "month": "last_month",
    "quarter": "last_quarter",
    "year": "last_year",
}
"""What a point of a line is in Prometheus: the figure of the last whole bucket, as of then."""


@dataclass(frozen=True)
class PanelReading:
    """One metric of a panel. `label` is what the panel calls it, empty for the metric's own label."""

    metric: str
    by: tuple[str, ...]
    period: str
    where: str | None = None
    label: str = ""


Reader = Callable[[Any, Dashboard], Iterator[PanelReading]]


def panel_readings(panel: Panel, dashboard: Dashboard, catalog: Catalog) -> tuple[PanelReading, ...]:
    """Return what the panel shows, in its order; of a registry every metric of its groups."""
    reader = READERS.get(panel_kind(panel) or "", _named)
    return tuple(dict.fromkeys(reader(spelt_out(panel, catalog.metrics), dashboard)))


def _named(panel: Panel, dashboard: Dashboard) -> Iterator[PanelReading]:
    """Yield every metric by every dimension that the panel names, over its period or the last of its buckets."""
    by = tuple(dict.fromkeys(name for _, name in panel_dimensions(panel)))
    grain = getattr(panel, "grain", None)
    for metric in dict.fromkeys(name for _, name in panel_metrics(panel)):
        yield PanelReading(metric, by, _period(panel, dashboard, grain), panel.where)


def _table(panel: TablePanel, dashboard: Dashboard) -> Iterator[PanelReading]:
    by = tuple(dict.fromkeys(name for _, name in panel_dimensions(panel)))
    for column in panel.metrics:
        metric, label = (column.metric, column.label) if isinstance(column, TableColumn) else (column, "")
        yield PanelReading(metric, by, _period(panel, dashboard), panel.where, label)


def _line(panel: LineChart, dashboard: Dashboard) -> Iterator[PanelReading]:
    by = (panel.by,) if panel.by else ()
    for metric in panel.metrics[:1] if panel.by else panel.metrics:
        yield PanelReading(metric, by, _period(panel, dashboard, panel.grain), panel.where)


def _bar(panel: BarChart, dashboard: Dashboard) -> Iterator[PanelReading]:
    by = tuple(dict.fromkeys(filter(None, (panel.by, panel.stack))))
    for metric in panel.metrics:
        yield PanelReading(metric, by, _period(panel, dashboard, panel.grain), panel.where)


def _funnel(panel: FunnelChart, dashboard: Dashboard) -> Iterator[PanelReading]:
    for metric in filter(None, (panel.metric, *panel.stages)):
        yield PanelReading(metric, (), _period(panel, dashboard), panel.where)


def _scatter(panel: ScatterChart, dashboard: Dashboard) -> Iterator[PanelReading]:
    by = tuple(dict.fromkeys(filter(None, (panel.by, panel.colour))))
    for metric in filter(None, (panel.x, panel.y, panel.size)):
        yield PanelReading(metric, by, _period(panel, dashboard), panel.where)


def _heatmap(panel: HeatmapChart, dashboard: Dashboard) -> Iterator[PanelReading]:
    grain = panel.x if panel.x in GRAINS else None
    by = (panel.y,) if grain else (panel.x, panel.y)
    yield PanelReading(panel.metric, by, _period(panel, dashboard, grain), panel.where)


def _histogram(panel: HistogramChart, dashboard: Dashboard) -> Iterator[PanelReading]:
    """Yield the metric by segment: a count of members is no figure of it."""
    yield PanelReading(panel.metric, (panel.by,) if panel.by else (), _period(panel, dashboard), panel.where)


def _period(panel: Panel, dashboard: Dashboard, grain: str | None = None) -> str:
    return GRAIN_PERIODS[grain] if grain else panel.period or dashboard.period


def _over_period(panel: Any, dashboard: Dashboard) -> Iterator[PanelReading]:
    """Yield every metric that is named, over the panel's period whatever its grain: of cohorts, not of time."""
    for metric in dict.fromkeys(name for _, name in panel_metrics(panel)):
        yield PanelReading(metric, (), _period(panel, dashboard), panel.where)


READERS: dict[str, Reader] = {
    "table": _table,
    "line": _line,
    "bar": _bar,
    "funnel": _funnel,
    "scatter": _scatter,
    "heatmap": _heatmap,
    "histogram": _histogram,
    "cohort": _over_period,
}
"""Kinds whose figures are not simply what they name; `tile`, `bullet` and the like need no line."""
