"""What panels draw: the metrics and dimensions they name, each with the path of the field that names it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from sightline.definitions.documents import KeyPath
from sightline.definitions.schema.dashboard import (
    BarChart,
    BulletChart,
    CohortChart,
    DistributionChart,
    FunnelChart,
    GaugePanel,
    HeatmapChart,
    HistogramChart,
    LineChart,
    LinksPanel,
    ListPanel,
    Panel,
    RegistryPanel,
    ScatterChart,
    SharesChart,
    StateTimeline,
    StatPanel,
    TableColumn,
    TablePanel,
    TilePanel,
    WaterfallChart,
)
from sightline.definitions.schema.list_panels import DashboardLink, ListColumn
from sightline.definitions.schema.metric import Funnel, Grain, Metric, Retention

GRAINS = get_args(Grain)


def registry_metrics(panel: RegistryPanel, metrics: Mapping[str, Metric]) -> list[str]:
    """Return the metrics of a registry in order: as listed, or those of its groups; of its owners only."""
    if isinstance(panel.registry, list):
        named = list(panel.registry)
    else:
        groups = panel.registry.names
        named = [name for name, metric in metrics.items() if metric.group in groups and _is_listed(metric)]
        named.sort(key=lambda name: groups.index(metrics[name].group))
    owners = [panel.owner] if isinstance(panel.owner, str) else panel.owner
    return [name for name in named if not owners or (name in metrics and metrics[name].owner in owners)]


def _is_listed(metric: Metric) -> bool:
    return not metric.hidden and not isinstance(metric, Funnel | Retention)


def spelt_out(panel: Panel, metrics: Mapping[str, Metric]) -> Panel:
    """Return a registry with every metric it shows listed by name; any other panel as it is."""
    if not isinstance(panel, RegistryPanel):
        return panel
    return panel.model_copy(update={"registry": registry_metrics(panel, metrics)})


def panel_metrics(panel: Panel) -> Iterator[tuple[KeyPath, str]]:
    """Yield the metrics a panel shows."""
    match panel:
        case TilePanel():
            yield ("tile",), panel.tile
        case TablePanel():
            yield from _table_metrics(panel)
        case GaugePanel():
            yield ("gauge",), panel.gauge
        case StatPanel():
            yield ("stat",), panel.stat
        case RegistryPanel():
            listed = panel.registry if isinstance(panel.registry, list) else []
            yield from ((("registry", index), name) for index, name in enumerate(listed))
        case DistributionChart():
            yield from _part_metrics(panel)
        case LineChart() | BarChart() | BulletChart() | WaterfallChart():
            yield from ((("metrics", index), name) for index, name in enumerate(panel.metrics))
        case FunnelChart():
            if panel.metric:
                yield ("metric",), panel.metric
            yield from ((("stages", index), name) for index, name in enumerate(panel.stages))
        case ScatterChart():
            yield ("x",), panel.x
            yield ("y",), panel.y
            if panel.size:
                yield ("size",), panel.size
        case HeatmapChart() | CohortChart() | SharesChart() | StateTimeline() | HistogramChart():
            yield ("metric",), panel.metric


def panel_dimensions(panel: Panel) -> Iterator[tuple[KeyPath, str]]:
    """Yield the dimensions a panel groups by or shows."""
    match panel:
        case TablePanel():
            by = [panel.by] if isinstance(panel.by, str) else panel.by
            yield from (
                ((("by",) if isinstance(panel.by, str) else ("by", index)), name) for index, name in enumerate(by)
            )
            if panel.group:
                yield ("group",), panel.group
            yield from ((("columns", index), name) for index, name in enumerate(panel.columns))
        case LineChart() | SharesChart() | DistributionChart() | StateTimeline() if panel.by:
            yield ("by",), panel.by
        case BarChart():
            if panel.by:
                yield ("by",), panel.by
            if panel.stack:
                yield ("stack",), panel.stack
        case ScatterChart():
            yield ("by",), panel.by
            if panel.colour:
                yield ("colour",), panel.colour
        case HistogramChart():
            yield ("of",), panel.of
            if panel.by:
                yield ("by",), panel.by
        case HeatmapChart():
            if panel.x not in GRAINS:
                yield ("x",), panel.x
            yield ("y",), panel.y


def panel_dashboards(panel: Panel) -> Iterator[tuple[KeyPath, str]]:
    """Yield the dashboards a panel leads to."""
    if panel.drill:
        yield ("drill",), panel.drill
    for index, each in enumerate(panel.links if isinstance(panel, LinksPanel) else []):
        if isinstance(each, DashboardLink):
            yield ("links", index, "dashboard"), each.dashboard
        else:
            yield ("links", index), each


def list_columns(panel: ListPanel) -> Iterator[tuple[KeyPath, ListColumn]]:
    """Yield the columns of a list, short forms spelt out."""
    for index, each in enumerate(panel.columns):
        if isinstance(each, ListColumn):
            yield ("columns", index, "column"), each
        else:
            yield ("columns", index), ListColumn(column=each)


def _part_metrics(panel: DistributionChart) -> Iterator[tuple[KeyPath, str]]:
    yield from ((("metrics", index), name) for index, name in enumerate(panel.metrics))
    if panel.metric:
        yield ("metric",), panel.metric
    if panel.score:
        yield ("score",), panel.score


def _table_metrics(panel: TablePanel) -> Iterator[tuple[KeyPath, str]]:
    for index, column in enumerate(panel.metrics):
        if isinstance(column, TableColumn):
            yield ("metrics", index, "metric"), column.metric
        else:
            yield ("metrics", index), column
    if panel.sparkline:
        yield ("sparkline",), panel.sparkline
    if panel.badges:
        yield ("badges",), panel.badges
