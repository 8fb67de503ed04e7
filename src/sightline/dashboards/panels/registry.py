"""The kinds of panels, one line each."""

from __future__ import annotations

from sightline.dashboards.panels import (
    bar,
    bullet,
    cohort,
    distribution,
    donut,
    funnel,
    gauge,
    heatmap,
    histogram,
    line,
    links,
    list_table,
    registry_table,
    scatter,
    stat,
    state_timeline,
    table,
    text,
    tile,
    waterfall,
)
from sightline.dashboards.panels.frame import PanelKind
from sightline.registry import Registry

KINDS: Registry[PanelKind] = Registry(
    "panel kind",
    {
        "tile": PanelKind(tile.plan, tile.view),
        "table": PanelKind(table.plan, table.view),
        "line": PanelKind(line.plan, line.view, rows=line.rows),
        "bar": PanelKind(bar.plan, bar.view),
        "funnel": PanelKind(funnel.plan, funnel.view),
        "scatter": PanelKind(scatter.plan, scatter.view),
        "heatmap": PanelKind(heatmap.plan, heatmap.view),
        "bullet": PanelKind(bullet.plan, bullet.view),
        "cohort": PanelKind(cohort.plan, cohort.view),
        "waterfall": PanelKind(waterfall.plan, waterfall.view, whole=True),
        "donut": PanelKind(donut.plan, donut.view, whole=True),
        "pie": PanelKind(donut.plan, donut.view, whole=True),
        "histogram": PanelKind(histogram.plan, histogram.view),
        "distribution": PanelKind(distribution.plan, distribution.view, whole=True),
        "state_timeline": PanelKind(state_timeline.plan, state_timeline.view, whole=True),
        "gauge": PanelKind(gauge.plan, gauge.view, whole=True),
        "stat": PanelKind(stat.plan, stat.view, whole=True),
        "registry": PanelKind(registry_table.plan, registry_table.view, whole=True, tolerant=True),
        "list": PanelKind(
            list_table.plan, list_table.view, rows=list_table.rows, whole=True, tolerant=True, follow=list_table.follow
        ),
        "text": PanelKind(text.plan, text.view),
        "links": PanelKind(links.plan, links.view),
    },
)
