"""What panels draw: the metrics and dimensions they name, each with the path of the field that names it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from sightline.definitions.documents import KeyPath
from sightline.definitions.schema.dashboard import (
    BarChart,
    BulletChart,
    FunnelChart,
    HeatmapChart,
    LineChart,
    Panel,
    ScatterChart,
    TableColumn,
    TablePanel,
    TilePanel,
)
from sightline.definitions.schema.metric import Grain

GRAINS = get_args(Grain)


def panel_metrics(panel: Panel) -> Iterator[tuple[KeyPath, str]]:
    """Yield the metrics a panel shows."""
    match panel:
        case TilePanel():
            yield ("tile",), panel.tile
        case TablePanel():
            yield from _table_metrics(panel)
        case LineChart() | BarChart() | BulletChart():
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
        case HeatmapChart():
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
        case LineChart() if panel.by:
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
        case HeatmapChart():
            if panel.x not in GRAINS:
                yield ("x",), panel.x
            yield ("y",), panel.y


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
