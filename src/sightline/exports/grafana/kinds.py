"""What each kind of panel is in Grafana: one line per kind."""

from __future__ import annotations

from sightline.exports.grafana.drawings import (
    Draw,
    bar,
    bars,
    cohorts,
    dial,
    donut,
    gauges,
    heatmap,
    line,
    scatter,
    table,
    tile,
    timeline,
)
from sightline.exports.grafana.words import elsewhere, links, registry, text

DRAWINGS: dict[str, Draw] = {
    "tile": tile,
    "table": table,
    "line": line,
    "bar": bar,
    "funnel": gauges,
    "scatter": scatter,
    "heatmap": heatmap,
    "bullet": gauges,
    "stat": tile,
    "gauge": dial,
    "donut": donut,
    "pie": donut,
    "histogram": bars,
    "waterfall": bars,
    "cohort": cohorts,
    "distribution": bars,
    "state_timeline": timeline,
    "registry": registry,
    "list": elsewhere,
    "text": text,
    "links": links,
}
"""A kind of panel without a line here fails a test, and is a table until it has one."""
