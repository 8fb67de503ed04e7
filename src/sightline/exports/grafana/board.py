"""One dashboard as Grafana's JSON: variables, panels in their places, links, annotations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sightline.dashboards.selection import dimension_labels
from sightline.definitions.exported import WORKSPACE_LABEL, by_label, label_name
from sightline.definitions.schema.dashboard import Dashboard, Panel, Variable, panel_kind
from sightline.exports.exposition import SNAPSHOT
from sightline.exports.files import ExportContext
from sightline.exports.grafana.drawings import Drawing, Figure, legend_of, table
from sightline.exports.grafana.fields import Json
from sightline.exports.grafana.kinds import DRAWINGS
from sightline.exports.grafana.promql import ALL, Queries
from sightline.exports.grafana.words import uid_of
from sightline.exports.names import label, selected
from sightline.exports.panel_readings import panel_readings

SCHEMA_VERSION = 39
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
SOURCE_UID = "sightline"
COLUMNS = 24
HEIGHTS = {"stat": 4, "gauge": 6, "table": 9}
SPANS = {"stat": 4, "gauge": 6, "table": COLUMNS}
HEIGHT, SPAN = 8, 12
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DAYS = re.compile(r"last_(\d+)_(day|week|month|quarter|year)s")
_TIME = {"day": "d", "week": "w", "month": "M", "year": "y"}


def board(dashboard: Dashboard, queries: Queries) -> Json:
    """Return the dashboard."""
    context = queries.context
    settings = context.catalog.settings
    return {
        "uid": uid_of(dashboard.name, context.workspace),
        "title": dashboard.title,
        "description": " ".join((dashboard.description or dashboard.standfirst).split()),
        "tags": ["sightline", context.workspace],
        "style": "dark",
        "editable": True,
        "graphTooltip": 1,
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "timezone": settings.zone,
        "weekStart": settings.week_start,
        "fiscalYearStartMonth": settings.fiscal_year_start - 1,
        "time": {"from": _since(dashboard.period), "to": "now"},
        "refresh": "5m",
        "templating": {"list": [*_variables(dashboard, queries)]},
        "annotations": {"list": [_published(context)]},
        "links": _links(dashboard, context),
        "panels": _placed([*_panels(dashboard, queries)]),
    }


def _variables(dashboard: Dashboard, queries: Queries) -> Iterator[Json]:
    yield {
        "type": "datasource",
        "name": "datasource",
        "label": "Data source",
        "query": "prometheus",
        "hide": 0,
        "skipUrlSync": False,
        "refresh": 1,
        "regex": "",
        "multi": False,
        "includeAll": False,
        "options": [],
        "current": {"selected": True, "text": "Sightline", "value": SOURCE_UID},
    }
    if dashboard.entity:
        yield from _variable(Variable(dimension=dashboard.entity, multiple=False), dashboard, queries)
    for each in dashboard.variables:
        written = each if isinstance(each, Variable) else Variable(dimension=each)
        if written.dimension != dashboard.entity:
            yield from _variable(written, dashboard, queries)


def _variable(variable: Variable, dashboard: Dashboard, queries: Queries) -> Iterator[Json]:
    """Yield the variable; one whose members no figure knows offers only All."""
    name = variable.dimension
    is_entity = name == dashboard.entity
    query = queries.members(name, dashboard)
    at_all = {"selected": True, "text": ["All"], "value": ["$__all"]} if variable.multiple else None
    current = at_all or ({} if is_entity else {"selected": True, "text": "All", "value": "$__all"})
    yield {
        "type": "query",
        "name": name,
        "label": variable.label or dimension_labels(queries.context.catalog).get(name, name),
        "hide": 0,
        "skipUrlSync": False,
        "datasource": SOURCE,
        "query": {"query": query or f"label_values({label_name(name)})", "refId": f"variable-{name}"},
        "refresh": 2,
        "regex": "",
        "sort": 5,
        "multi": variable.multiple,
        "includeAll": not is_entity,
        **({} if is_entity else {"allValue": ALL}),
        "options": [],
        **({"current": current} if current else {}),
    }


def _panels(dashboard: Dashboard, queries: Queries) -> Iterator[Json]:
    catalog = queries.context.catalog
    for number, panel in enumerate(dashboard.panels, 1):
        shown = panel_readings(panel, dashboard, catalog)
        found = [(reading, queries.figure(reading, dashboard)) for reading in shown]
        known = [(reading, expr) for reading, expr in found if expr is not None]
        figures = [Figure(_letters(index), expr, reading) for index, (reading, expr) in enumerate(known)]
        drawing = DRAWINGS.get(panel_kind(panel) or "", table)(panel, figures, catalog)
        missing = [label(catalog, reading.metric) for reading, expr in found if expr is None]
        yield {
            "id": number,
            "type": drawing.type,
            "title": panel.title or _title(figures, queries),
            "description": _description(panel, missing),
            "transparent": False,
            "datasource": SOURCE,
            "targets": [_target(each, drawing, figures, queries) for each in figures],
            "options": drawing.options,
            "fieldConfig": {
                "defaults": {**drawing.defaults, **_drill(panel, drawing, queries)},
                "overrides": [*drawing.overrides],
            },
            "transformations": [*drawing.transformations],
            "gridPos": {"w": _span(panel, drawing), "h": HEIGHTS.get(drawing.type, HEIGHT), "x": 0, "y": 0},
        }


def _letters(index: int) -> str:
    """Return the name of a query as Grafana counts: A to Z, then AA, AB and on."""
    first, last = divmod(index, len(LETTERS))
    return (_letters(first - 1) if first else "") + LETTERS[last]


def _target(figure: Figure, drawing: Drawing, figures: list[Figure], queries: Queries) -> Json:
    legend = legend_of(figure, queries.context.catalog, alone=len(figures) == 1)
    as_table = drawing.type in ("table", "barchart", "xychart")
    return {
        "refId": figure.letter,
        "datasource": SOURCE,
        "editorMode": "code",
        "expr": figure.expr,
        "instant": drawing.instant,
        "range": not drawing.instant,
        "format": "table" if as_table else "time_series",
        "legendFormat": legend,
    }


def _title(figures: list[Figure], queries: Queries) -> str:
    names = list(dict.fromkeys(each.name(queries.context.catalog) for each in figures))
    return ", ".join(names)


def _description(panel: Panel, missing: list[str]) -> str:
    left_out = f"Cannot be grouped as this panel is: {', '.join(missing)}." if missing else ""
    return " ".join(" ".join(filter(None, (panel.subtitle, panel.note, left_out))).split())


def _span(panel: Panel, drawing: Drawing) -> int:
    return panel.span * 2 if panel.span else SPANS.get(drawing.type, SPAN)


def _placed(panels: list[Json]) -> list[Json]:
    """Return the panels side by side in their order, a new line where one does not fit."""
    x = y = height = 0
    for panel in panels:
        place = panel["gridPos"]
        if x + place["w"] > COLUMNS:
            x, y, height = 0, y + height, 0
        place["x"], place["y"] = x, y
        x, height = x + place["w"], max(height, place["h"])
    return panels


def _drill(panel: Panel, drawing: Drawing, queries: Queries) -> Json:
    """Return the link that opens the dashboard about the member that is clicked."""
    target = queries.context.catalog.dashboards.get(panel.drill or "")
    if target is None or not target.entity:
        return {}
    name = by_label(target.entity)
    member = f"${{__data.fields.{name}}}" if drawing.type == "table" else f"${{__field.labels.{name}}}"
    url = f"/d/{uid_of(target.name, queries.context.workspace)}?var-{target.entity}={member}&${{__url_time_range}}"
    return {"links": [{"title": f"Open {target.title}", "url": url, "targetBlank": False}]}


def _links(dashboard: Dashboard, context: ExportContext) -> list[Json]:
    base = {"icon": "external link", "tooltip": "", "targetBlank": False, "includeVars": False, "keepTime": True}
    own = f"{context.url.rstrip('/')}/w/{context.workspace}/d/{dashboard.name}"
    others = {"title": "Dashboards", "type": "dashboards", "url": "", "tags": ["sightline", context.workspace]}
    return [
        {**base, **others, "asDropdown": True},
        {**base, "title": "In Sightline", "type": "link", "url": own, "tags": [], "asDropdown": False},
    ]


def _published(context: ExportContext) -> Json:
    """Return the marks of moments at which new data was published."""
    series = selected(SNAPSHOT, **{WORKSPACE_LABEL: context.workspace})
    return {
        "name": "Data published",
        "datasource": SOURCE,
        "enable": True,
        "iconColor": "blue",
        "expr": f"changes({series}[10m]) > 0",
    }


def _since(period: str) -> str:
    match = _DAYS.fullmatch(period)
    if match is None:
        return "now-90d"
    number, unit = int(match[1]), match[2]
    return f"now-{number * 3}M" if unit == "quarter" else f"now-{number}{_TIME[unit]}"
