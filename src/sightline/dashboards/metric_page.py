"""The page of one metric: what it means, how it runs, what it is made of, and where it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from sightline.dashboards import formats
from sightline.dashboards.build import (
    PlannedPanel,
    asker_of,
    dataset_rows,
    etag_of,
    members_of,
    page_of,
    panel_view,
    planned_panel,
    sources_of,
)
from sightline.dashboards.cadence import grain_of
from sightline.dashboards.filter_bar import filter_bar
from sightline.dashboards.finding import standing_of
from sightline.dashboards.freshness import freshness
from sightline.dashboards.page import Page, Slot, asked
from sightline.dashboards.parts import Link
from sightline.dashboards.selection import Selection
from sightline.dashboards.view import ChartView, MetricView, PanelView, TableView
from sightline.definitions.panels import panel_metrics, spelt_out
from sightline.definitions.policy import Viewer
from sightline.definitions.schema.dashboard import (
    AnyPanel,
    BarChart,
    CohortChart,
    Dashboard,
    FunnelChart,
    LineChart,
    TablePanel,
    TilePanel,
)
from sightline.definitions.schema.metric import Grain, Metric
from sightline.errors import UserError
from sightline.metrics.answer import Answer
from sightline.metrics.forecast import USUAL_PERIODS
from sightline.metrics.plan import LEAVES, dataset_of, operands
from sightline.metrics.warehouse import Warehouse

MOST_BREAKDOWNS = 6
_GRAINS: tuple[Grain, ...] = ("hour", "day", "week", "month", "quarter", "year")
_TYPES = {
    "simple": "Counted or added from one dataset",
    "ratio": "One metric over another, recomputed at every level",
    "derived": "A formula over other metrics",
    "cumulative": "A running total",
    "semi_additive": "A level: the last value of the period counts",
    "conversion": "A share of a cohort, by date of its first event",
    "funnel": "A cohort by the stages it reached",
    "interval": "Time from one event to the next",
    "score": "A weighted mean of components, of 100",
    "movement": "How a level moves in a period, entity by entity",
    "retention": "A cohort by how many of it come back",
}


def metric_view(
    name: str,
    selection: Selection,
    viewer: Viewer,
    *,
    warehouse: Warehouse,
    now: datetime,
    problems: Sequence[str] = (),
    unusual: Mapping[str, str] | None = None,
) -> MetricView:
    """Return the page. Raises UnknownName for a metric that does not exist. `unusual`: see `dashboard_view`."""
    metric = warehouse.catalog.metric(name)
    asker = asker_of(viewer, warehouse=warehouse, now=now, selection=selection)
    page = replace(page_of(f"metrics/{name}", selection, asker), unusual=unusual or {})
    dimensions = dimensions_of(name, warehouse=warehouse)
    panels = planned_panels(name, page, warehouse=warehouse)
    answers = asker.answers(each.question for planned in panels for each in planned.questions)
    shown: list[PanelView] = [panel_view(planned, answers, dataset_rows(planned, asker)) for planned in panels]
    own = {each.key: answers[each.question] for each in panels[0].questions}
    course = own.get("course")
    variables = [(each, page.dimension(each), True) for each in dimensions[:5]]
    return MetricView(
        name=name,
        title=page.label(name),
        definition=metric.description,
        standing=standing_of(name, page, next(iter(own.values())), course if isinstance(course, Answer) else None),
        facts=_facts(name, metric, page),
        tile=shown[0],
        trend=shown[1],
        breakdowns=tuple(panel for panel in shown[2:] if not _says_nothing(panel)),
        filters=filter_bar(page, variables=variables, entity="", members=members_of(asker, kind="metric", name=name)),
        explain=page.explain(asked(TilePanel(tile=name), selection, (name,), compare=metric.type != "retention"), name),
        used_in=_used_in(name, page),
        made_of=tuple((page.label(each), Link(f"metrics/{each}")) for each in operands(metric)),
        freshness=freshness(sources_of(answers), catalog=page.catalog, today=page.today),
        snapshot=asker.snapshot.id,
        etag=etag_of(f"metrics/{name}", selection, viewer, warehouse=warehouse, now=now, snapshot=asker.snapshot),
        problems=tuple(problems),
    )


def planned_panels(name: str, page: Page, *, warehouse: Warehouse) -> list[PlannedPanel]:
    """Return the panels of the page with their questions: the figure, the trend, the breakdowns."""
    panels = _panels(name, page.catalog.metric(name), dimensions_of(name, warehouse=warehouse), page)
    return [_planned(panel, f"m{index}", page) for index, panel in enumerate(panels)]


def dimensions_of(name: str, *, warehouse: Warehouse) -> tuple[str, ...]:
    """Return the dimensions a metric can be broken down by: those that all its datasets reach, entities first."""
    reached = [warehouse.joins.dimensions(dataset) for dataset in datasets_of(name, warehouse=warehouse)]
    if not reached:
        return ()
    # By the names of the mapping: a qualified one (program__school) maps to a dimension of the plain name.
    plain = {key: each for key, each in reached[0].items() if "__" not in key}
    shared = {key: each for key, each in plain.items() if all(key in other for other in reached[1:])}
    usable = {key: each for key, each in shared.items() if each.pii is None and (each.entity is None or each.labels)}
    return tuple(sorted(usable, key=lambda key: usable[key].entity is None))


def datasets_of(name: str, *, warehouse: Warehouse) -> tuple[str, ...]:
    """Return the datasets that a metric is counted from."""
    metric = warehouse.catalog.metric(name)
    if isinstance(metric, LEAVES):
        return (dataset_of(metric, warehouse.catalog),)
    parts = operands(metric)
    return tuple(dict.fromkeys(each for part in parts for each in datasets_of(part, warehouse=warehouse)))


def _panels(name: str, metric: Metric, dimensions: Sequence[str], page: Page) -> list[AnyPanel]:
    if metric.type == "funnel":
        return [FunnelChart(chart="funnel", metric=name), FunnelChart(chart="funnel", metric=name, title="Funnel")]
    if metric.type == "retention":
        return [CohortChart(chart="cohort", metric=name), CohortChart(chart="cohort", metric=name, title="Cohorts")]
    label = page.label(name)
    found: list[AnyPanel] = [
        TilePanel(tile=name),
        _trend(name, _grain(metric, page), f"{label} over time"),
    ]
    for each in islice(dimensions, MOST_BREAKDOWNS):
        title = f"By {page.dimension(each).lower()}"
        if _adds(metric):
            found.append(BarChart(chart="bar", metrics=[name], by=each, horizontal=True, limit=12, title=title, span=6))
        else:
            columns = [name, *operands(metric)[:3]]
            shown = [each for each in dict.fromkeys(columns) if page.catalog.metric(each).type != "funnel"]
            found.append(TablePanel(table=f"by_{each}", metrics=list(shown), by=each, limit=12, title=title, span=6))
    return found


def _trend(name: str, grain: Grain, title: str) -> LineChart:
    return LineChart(chart="line", metrics=[name], grain=grain, title=title, forecast=USUAL_PERIODS.get(grain))


def _says_nothing(panel: PanelView) -> bool:
    """Whether a breakdown tells no more than the figure: one row only, or all on too few cases to show the metric."""
    rows = panel.table.rows if isinstance(panel, ChartView) else panel.rows if isinstance(panel, TableView) else ()
    if len(rows) == 1:
        return True
    if not isinstance(panel, TableView) or not rows:
        return False
    figures = [row.cells[1].figure for row in rows]
    return all(figure is not None and figure.text == formats.MISSING for figure in figures)


def _adds(metric: Metric) -> bool:
    return metric.type == "simple" and metric.agg in ("sum", "count")


def _grain(metric: Metric, page: Page) -> Grain:
    """Return the buckets of the trend: by the length of the period, and none shorter than the metric's cadence."""
    own = grain_of(metric.cadence) if metric.cadence else "day"
    return max(_grain_of_period(page), own, key=_GRAINS.index)


def _grain_of_period(page: Page) -> Grain:
    try:
        period = page.calendar.period(page.selection.period)
    except UserError:
        return "week"
    if period.start is None or period.end is None:
        return "month"
    days = (period.end - period.start).days
    return "day" if days <= 31 else "week" if days <= 200 else "month"


def _planned(panel: AnyPanel, name: str, page: Page) -> PlannedPanel:
    return planned_panel(panel, Slot(name, page))


def _facts(name: str, metric: Metric, page: Page) -> tuple[tuple[str, str], ...]:
    unit = page.unit(name)
    good = {"up": "Higher is better", "down": "Lower is better", "neutral": "Neither way is better"}[metric.direction]
    where = page.catalog.locations.get(("metric", name))
    facts = [
        ("Kind", _TYPES[metric.type]),
        ("Unit", unit.code if unit.kind == "money" else metric.unit.capitalize()),
        ("Direction", good),
        ("Owner", formats.owner_words(metric.owner)),
        ("Benchmark", formats.limit(metric.benchmark, unit) if metric.benchmark is not None else ""),
        ("Fewest observations", f"{metric.min_n:,}" if metric.min_n else ""),
        ("Matures after", metric.maturation or ""),
        ("Defined in", f"{where.file}:{where.line}" if where else ""),
    ]
    return tuple((label, text) for label, text in facts if text)


def _used_in(name: str, page: Page) -> tuple[tuple[str, Link], ...]:
    found: list[tuple[str, Link]] = []
    for dashboard in page.catalog.dashboards.values():
        if not dashboard.distribution and any(name in _named(panel, page) for panel in dashboard.panels):
            found.append((dashboard.title, _open(dashboard)))
    for other, metric in page.catalog.metrics.items():
        if name in operands(metric):
            found.append((page.label(other), Link(f"metrics/{other}")))
    return tuple(found)


def _open(dashboard: Dashboard) -> Link:
    return Link() if dashboard.entity else Link(f"d/{dashboard.name}")


def _named(panel: AnyPanel, page: Page) -> set[str]:
    """Return the metrics a panel shows, those of a registry's groups too."""
    return {name for _, name in panel_metrics(spelt_out(panel, page.catalog.metrics))}
