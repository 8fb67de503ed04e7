"""How figures are drawn in Grafana. Which kind of panel is drawn how: `kinds.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sightline.dashboards.selection import dimension_labels
from sightline.definitions.catalog import Catalog
from sightline.definitions.exported import PERIOD_LABEL, STAGE_LABEL, WHERE_LABEL, WORKSPACE_LABEL, by_label
from sightline.definitions.schema.dashboard import BarChart, HeatmapChart, Panel, TablePanel, panel_kind
from sightline.definitions.schema.metric import Retention
from sightline.exports.grafana.fields import Json, field_defaults, own_fields
from sightline.exports.names import label
from sightline.exports.panel_readings import PanelReading

HIDDEN = ("Time", "__name__", "instance", "job", WORKSPACE_LABEL, PERIOD_LABEL, WHERE_LABEL)
"""Columns of a table of samples that say nothing about the figure."""

LEGEND = {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}
TOOLTIP = {"mode": "multi", "sort": "none"}
LAST: Json = {"values": False, "calcs": ["lastNotNull"], "fields": ""}


@dataclass(frozen=True)
class Figure:
    """One query of a panel with its letter, and what it stands for."""

    letter: str
    expr: str
    reading: PanelReading

    def name(self, catalog: Catalog) -> str:
        return self.reading.label or label(catalog, self.reading.metric)


@dataclass(frozen=True)
class Drawing:
    """A panel of Grafana without place and title."""

    type: str
    options: Json
    defaults: Json = field(default_factory=dict)
    overrides: Sequence[Json] = ()
    transformations: Sequence[Json] = ()
    instant: bool = False


Draw = Callable[[Any, Sequence[Figure], Catalog], Drawing]


def tile(_panel: Panel, figures: Sequence[Figure], catalog: Catalog) -> Drawing:
    """Return a stat with its course."""
    options = {
        "graphMode": "area",
        "colorMode": "value",
        "justifyMode": "auto",
        "textMode": "auto",
        "orientation": "auto",
        "reduceOptions": LAST,
    }
    return Drawing("stat", options, _defaults(figures, catalog, by_value=True), _units(figures, catalog))


def line(_panel: Panel, figures: Sequence[Figure], catalog: Catalog) -> Drawing:
    """Return lines over time."""
    custom = {"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "showPoints": "auto", "spanNulls": True}
    return _course(figures, catalog, custom)


def bar(panel: BarChart, figures: Sequence[Figure], catalog: Catalog) -> Drawing:
    """Return bars over time, bars by member, or a bar per metric."""
    if panel.grain:
        stacking = {"mode": "normal" if panel.stack else "none", "group": "A"}
        custom = {"drawStyle": "bars", "lineWidth": 1, "fillOpacity": 80, "showPoints": "never", "stacking": stacking}
        return _course(figures, catalog, custom)
    if not figures or not figures[0].reading.by:
        return gauges(panel, figures, catalog)
    return _bars(figures, catalog, horizontal=panel.horizontal, stacked=bool(panel.stack))


def bars(panel: Panel, figures: Sequence[Figure], catalog: Catalog) -> Drawing:
    """Return a bar per member, or one per metric where the panel has no members."""
    if not figures or not figures[0].reading.by:
        return gauges(panel, figures, catalog)
    return _bars(figures, catalog, horizontal=False, stacked=False)


def gauges(_panel: Panel, figures: Sequence[Figure], catalog: Catalog) -> Drawing:
    """Return horizontal bars, one per series: stages of a funnel, metrics beside each other."""
    options = {
        "displayMode": "basic",
        "valueMode": "color",
        "showUnfilled": True,
        "minVizWidth": 0,
        "minVizHeight": 16,
        "orientation": "horizontal",
        "reduceOptions": LAST,
    }
    defaults = {**_defaults(figures, catalog, by_value=True), "min": 0}
    return Drawing("bargauge", options, defaults, _units(figures, catalog), instant=True)


def dial(_panel: Panel, figures: Sequence[Figure], catalog: Catalog) -> Drawing:
    """Return a gauge with the bands on its rim."""
    options = {
        "showThresholdLabels": False,
        "showThresholdMarkers": True,
        "orientation": "auto",
        "reduceOptions": LAST,
    }
    defaults = {**_defaults(figures, catalog, by_value=True), "min": 0}
    return Drawing("gauge", options, defaults, _units(figures, catalog), instant=True)


def donut(panel: Panel, figures: Sequence[Figure], catalog: Catalog) -> Drawing:
    """Return the shares of members as a ring, or as a disc."""
    options = {
        "pieType": panel_kind(panel),
        "tooltip": TOOLTIP,
        "reduceOptions": LAST,
        "legend": {**LEGEND, "placement": "right", "values": ["value", "percent"]},
        "displayLabels": ["percent"],
        "orientation": "auto",
    }
    return Drawing("piechart", options, _defaults(figures, catalog, by_value=False), instant=True)


def table(panel: Panel, figures: Sequence[Figure], catalog: Catalog) -> Drawing:
    """Return a row per member and a column per metric."""
    names = {f"Value #{each.letter}": each.name(catalog) for each in figures}
    dimensions = _dimensions(figures)
    order = {name: index for index, name in enumerate([*dimensions, *names])}
    only = {"Value": figures[0].name(catalog)} if len(figures) == 1 else {}
    organize = {
        "excludeByName": dict.fromkeys(HIDDEN, True),
        "indexByName": order,
        "renameByName": {**_headings(figures, catalog), **only, **names},
    }
    return Drawing(
        "table",
        {"frameIndex": 0, "showHeader": True, "cellHeight": "sm", "sortBy": _sorting(panel, figures, catalog)},
        {"noValue": "–"},
        [own_fields(catalog, each.name(catalog), each.reading.metric, cells=True) for each in figures],
        [{"id": "merge", "options": {}}, {"id": "organize", "options": organize}],
        instant=True,
    )


def scatter(_panel: Panel, figures: Sequence[Figure], catalog: Catalog) -> Drawing:
    """Return a point per member: the first metric across, the second up."""
    names = {f"Value #{each.letter}": each.name(catalog) for each in figures}
    dimensions = _dimensions(figures)
    organize = {
        "excludeByName": {
            f"{name} {number}".strip(): True for name in HIDDEN for number in ("", *range(1, len(figures) + 1))
        },
        "indexByName": {name: index for index, name in enumerate([*dimensions, *names])},
        "renameByName": {**_headings(figures, catalog), **names},
    }
    join = {"byField": dimensions[0] if dimensions else "Time", "mode": "inner"}
    custom = {"show": "points", "pointSize": {"fixed": 8}}
    return Drawing(
        "xychart",
        {"seriesMapping": "auto", "dims": {"frame": 0}, "series": [], "legend": LEGEND, "tooltip": TOOLTIP},
        {**_defaults(figures[1:2], catalog, by_value=False), "custom": custom},
        _units(figures, catalog),
        [{"id": "joinByField", "options": join}, {"id": "organize", "options": organize}],
        instant=True,
    )


def heatmap(panel: HeatmapChart, figures: Sequence[Figure], catalog: Catalog) -> Drawing:
    """Return members over time as coloured rows, or two dimensions as a coloured table."""
    if len(figures) and len(figures[0].reading.by) > 1:
        return matrix(panel, figures, catalog)
    options = {
        "calculate": False,
        "rowsFrame": {"layout": "auto"},
        "color": {"mode": "scheme", "scheme": "Blues", "fill": "blue", "exponent": 0.5, "steps": 64, "reverse": False},
        "cellGap": 1,
        "yAxis": {"axisPlacement": "left", "reverse": False},
        "legend": {"show": True},
        "tooltip": {"show": True, "yHistogram": False},
        "exemplars": {"color": "blue"},
        "showValue": "never",
        "filterValues": {"le": 1e-9},
    }
    return Drawing("heatmap", options, _defaults(figures, catalog, by_value=False))


def matrix(_panel: Panel, figures: Sequence[Figure], catalog: Catalog) -> Drawing:
    """Return two dimensions against each other, the cells coloured by value."""
    columns, rows = (*_dimensions(figures), "Time", "Time")[:2]
    return _matrix(figures, catalog, columns=columns, rows=rows)


def _matrix(figures: Sequence[Figure], catalog: Catalog, *, columns: str, rows: str) -> Drawing:
    group = {"columnField": columns, "rowField": rows, "valueField": "Value"}
    defaults = {
        **_defaults(figures, catalog, by_value=True),
        "custom": {"align": "auto", "cellOptions": {"type": "color-background", "mode": "basic"}},
    }
    defaults["color"] = {"mode": "continuous-blues"}
    options = {"frameIndex": 0, "showHeader": True, "cellHeight": "sm", "sortBy": []}
    return Drawing("table", options, defaults, (), [{"id": "groupingToMatrix", "options": group}], instant=True)


def cohorts(_panel: Panel, figures: Sequence[Figure], catalog: Catalog) -> Drawing:
    """Return a row per cohort and a column per age."""
    metric = catalog.metric(figures[0].reading.metric) if figures else None
    age = metric.grain if isinstance(metric, Retention) else "age"
    return _matrix(figures, catalog, columns=age, rows="cohort")


def timeline(_panel: Panel, figures: Sequence[Figure], catalog: Catalog) -> Drawing:
    """Return the status of each series over time."""
    options = {
        "showValue": "auto",
        "rowHeight": 0.9,
        "mergeValues": True,
        "alignValue": "left",
        "legend": LEGEND,
        "tooltip": TOOLTIP,
    }
    defaults = {**_defaults(figures, catalog, by_value=True), "custom": {"lineWidth": 0, "fillOpacity": 70}}
    return Drawing("state-timeline", options, defaults, _units(figures, catalog))


def legend_of(figure: Figure, catalog: Catalog, *, alone: bool) -> str:
    """Return how a series is called: its members, and its metric when the panel has several."""
    stages = ["{{" + STAGE_LABEL + "}}"] if catalog.metric(figure.reading.metric).type == "funnel" else []
    members = [f"{{{{{by_label(name)}}}}}" for name in figure.reading.by]
    words = [*([] if alone and (members or stages) else [figure.name(catalog)]), *members, *stages]
    return " · ".join(words)


def _course(figures: Sequence[Figure], catalog: Catalog, custom: Json) -> Drawing:
    defaults = {**_defaults(figures, catalog, by_value=False), "custom": {**custom, "thresholdsStyle": {"mode": "off"}}}
    if len({each.reading.metric for each in figures}) == 1 and len(defaults["thresholds"]["steps"]) > 1:
        defaults["custom"] = {**custom, "thresholdsStyle": {"mode": "dashed"}}
    return Drawing("timeseries", {"legend": LEGEND, "tooltip": TOOLTIP}, defaults, _units(figures, catalog))


def _bars(figures: Sequence[Figure], catalog: Catalog, *, horizontal: bool, stacked: bool) -> Drawing:
    names = {f"Value #{each.letter}": each.name(catalog) for each in figures}
    only = figures[0].name(catalog) if len(figures) == 1 else ""
    dimensions = _dimensions(figures)
    organize = {
        "excludeByName": dict.fromkeys(HIDDEN, True),
        "indexByName": {name: index for index, name in enumerate([*dimensions, "Value", *names])},
        "renameByName": {**_headings(figures, catalog), **({"Value": only} if only else {}), **names},
    }
    shaped: list[Json] = [{"id": "merge", "options": {}}, {"id": "organize", "options": organize}]
    if stacked and len(dimensions) > 1:
        group = {"columnField": dimensions[1], "rowField": dimensions[0], "valueField": "Value"}
        shaped = [{"id": "groupingToMatrix", "options": group}]
    options = {
        "orientation": "horizontal" if horizontal else "vertical",
        "xTickLabelRotation": 0,
        "xTickLabelSpacing": 0,
        "stacking": "normal" if stacked else "none",
        "showValue": "auto",
        "barWidth": 0.8,
        "groupWidth": 0.7,
        "fullHighlight": False,
        "legend": LEGEND,
        "tooltip": TOOLTIP,
    }
    defaults = {**_defaults(figures, catalog, by_value=False), "custom": {"lineWidth": 1, "fillOpacity": 80}}
    return Drawing("barchart", options, defaults, _units(figures, catalog), shaped, instant=True)


def _defaults(figures: Sequence[Figure], catalog: Catalog, *, by_value: bool) -> Json:
    return field_defaults(catalog, figures[0].reading.metric, by_value=by_value) if figures else {}


def _units(figures: Sequence[Figure], catalog: Catalog) -> list[Json]:
    """Return an override per metric of a panel that shows several."""
    if len({each.reading.metric for each in figures}) < 2:
        return []
    return [own_fields(catalog, each.name(catalog), each.reading.metric) for each in figures]


def _dimensions(figures: Sequence[Figure]) -> list[str]:
    return [by_label(name) for name in dict.fromkeys(name for each in figures for name in each.reading.by)]


def _headings(figures: Sequence[Figure], catalog: Catalog) -> dict[str, str]:
    """Return what the columns of dimensions are called."""
    words = dimension_labels(catalog)
    names = dict.fromkeys(name for each in figures for name in each.reading.by)
    return {by_label(name): words.get(name, name) for name in names}


def _sorting(panel: Panel, figures: Sequence[Figure], catalog: Catalog) -> list[Json]:
    if not isinstance(panel, TablePanel) or not panel.sort:
        return []
    column = panel.sort.removeprefix("-")
    names = {each.reading.metric: each.name(catalog) for each in figures}
    return [{"displayName": names.get(column, column), "desc": panel.sort.startswith("-")}]
