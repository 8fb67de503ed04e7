"""A dashboard: variables, a period, and panels. One panel kind, one model."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from sightline.definitions.schema.base import Definition, Described, Expression, Name
from sightline.definitions.schema.figure_panels import (
    CohortChart,
    DistributionChart,
    DonutChart,
    GaugePanel,
    HistogramChart,
    PieChart,
    SharesChart,
    StateTimeline,
    StatPanel,
    WaterfallChart,
)
from sightline.definitions.schema.list_panels import LinksPanel, ListPanel, RegistryPanel, TextPanel
from sightline.definitions.schema.metric import Grain
from sightline.definitions.schema.panel import Compare, Panel

__all__ = [
    "BY_OWN_KEY",
    "PANELS",
    "AnyPanel",
    "BarChart",
    "BulletChart",
    "CohortChart",
    "Compare",
    "Dashboard",
    "DistributionChart",
    "DonutChart",
    "Finding",
    "FunnelChart",
    "GaugePanel",
    "HeatmapChart",
    "HistogramChart",
    "LineChart",
    "LinksPanel",
    "ListPanel",
    "Panel",
    "PieChart",
    "RegistryPanel",
    "ScatterChart",
    "SharesChart",
    "StatPanel",
    "StateTimeline",
    "TableColumn",
    "TablePanel",
    "TextPanel",
    "TilePanel",
    "Variable",
    "WaterfallChart",
    "panel_kind",
]


class Variable(Definition):
    """A filter people can set for the whole dashboard."""

    dimension: str = Field(description="The dimension it filters; also its name in the URL.")
    label: str = ""
    multiple: bool = True


class TilePanel(Panel):
    """One figure: value, change, sparkline, target. Consecutive tiles share a strip."""

    tile: Name = Field(description="The metric.")
    sparkline: Grain | None = "week"
    status: bool = Field(
        default=False, description="Say the status also when it is on track. Default: trouble and what is ahead only."
    )


class TableColumn(Definition):
    """One column of a table panel."""

    metric: Name
    label: str = ""
    heat: Literal["none", "total", "benchmark"] = Field(
        default="none", description="Shade against the total or the benchmark."
    )
    change: bool = Field(default=False, description="Show the change against the comparison.")


class TablePanel(Panel):
    """A row per member of `by`; subtotals per `group`; a total. Ratios are recomputed at each level."""

    table: Name = Field(description="A name for the panel, unique in the dashboard.")
    metrics: list[Name | TableColumn] = Field(min_length=1)
    by: Name | list[Name]
    group: Name | None = Field(default=None, description="A dimension that rows are gathered under, with subtotals.")
    columns: list[Name] = Field(default_factory=list, description="More dimensions of the row, shown as text.")
    sparkline: Name | None = Field(default=None, description="A metric drawn per row over the last 13 weeks.")
    sort: str | None = Field(default=None, description="A column, with a leading - for descending.")
    badges: Name | None = Field(default=None, description="A metric whose best and worst rows are marked.")
    limit: int = Field(default=200, ge=1, le=5000)


class Ahead(Definition):
    """How far a line goes on."""

    periods: int = Field(ge=1, le=366, description="Buckets of the panel's grain.")


class LineChart(Panel):
    """Lines over time. With `forecast`, one metric without `by` goes on: its median, 80 and 95 % intervals."""

    chart: Literal["line"]
    metrics: list[Name] = Field(min_length=1)
    grain: Grain = "week"
    by: Name | None = None
    limit: int = Field(default=6, ge=1, le=8, description="Most series; the rest is named in the panel.")
    annotations: list[Name] | None = Field(
        default=None,
        description="Datasets with `annotations` to mark. Default: those of the metrics' packs and the "
        "workspace's own; `[]` for none.",
    )
    forecast: Annotated[int, Field(ge=1, le=366)] | Ahead | None = Field(
        default=None,
        description="How many buckets the metric goes on, at most half of those there are. It learns from the whole "
        "ones that end with the panel's period, however long that is.",
    )

    @property
    def periods_ahead(self) -> int:
        """How many buckets the line goes on, 0 for none."""
        return self.forecast.periods if isinstance(self.forecast, Ahead) else self.forecast or 0


class BarChart(Panel):
    chart: Literal["bar"]
    metrics: list[Name] = Field(min_length=1, max_length=4)
    by: Name | None = None
    grain: Grain | None = None
    stack: Name | None = None
    horizontal: bool = False
    limit: int = Field(default=20, ge=1, le=60)


class FunnelChart(Panel):
    """A row per stage, and beside it the step rate. The view (cohort or period) is always printed."""

    chart: Literal["funnel"]
    metric: Name | None = Field(default=None, description="A funnel metric: cohort view.")
    stages: list[Name] = Field(
        default_factory=list,
        description="Simple metrics counted in the period: period view. A step rate compares the events of a period, "
        "not the same entities, and may be above 100 %.",
    )


class ScatterChart(Panel):
    chart: Literal["scatter"]
    x: Name
    y: Name
    by: Name
    size: Name | None = None
    colour: Name | None = Field(default=None, description="A dimension.")
    quadrants: Literal["none", "median", "total"] | dict[Literal["x", "y"], float] = "none"
    captions: list[str] = Field(default_factory=list, description="Top left, top right, bottom left, bottom right.")


class HeatmapChart(Panel):
    chart: Literal["heatmap"]
    metric: Name
    x: Name | Grain
    y: Name


class BulletChart(Panel):
    chart: Literal["bullet"]
    metrics: list[Name] = Field(min_length=1)


PANELS: dict[str, type[Panel]] = {
    "tile": TilePanel,
    "table": TablePanel,
    "line": LineChart,
    "bar": BarChart,
    "funnel": FunnelChart,
    "scatter": ScatterChart,
    "heatmap": HeatmapChart,
    "bullet": BulletChart,
    "cohort": CohortChart,
    "waterfall": WaterfallChart,
    "donut": DonutChart,
    "pie": PieChart,
    "histogram": HistogramChart,
    "distribution": DistributionChart,
    "state_timeline": StateTimeline,
    "gauge": GaugePanel,
    "stat": StatPanel,
    "registry": RegistryPanel,
    "list": ListPanel,
    "text": TextPanel,
    "links": LinksPanel,
}

BY_OWN_KEY = ("tile", "table", "gauge", "stat", "registry", "list", "text", "links")
"""Kinds that are told by a key of their own; all others by `chart`."""


def panel_kind(value: Any) -> str | None:
    """Return the kind of a panel: what `chart` says, else the key that is its own (`tile`, `list`)."""
    written = value if isinstance(value, dict) else vars(value) if isinstance(value, Panel) else {}
    if written.get("chart") is not None:
        return str(written["chart"])
    return next((kind for kind in BY_OWN_KEY if written.get(kind) is not None), None)


AnyPanel = Annotated[
    Annotated[TilePanel, Tag("tile")]
    | Annotated[TablePanel, Tag("table")]
    | Annotated[LineChart, Tag("line")]
    | Annotated[BarChart, Tag("bar")]
    | Annotated[FunnelChart, Tag("funnel")]
    | Annotated[ScatterChart, Tag("scatter")]
    | Annotated[HeatmapChart, Tag("heatmap")]
    | Annotated[BulletChart, Tag("bullet")]
    | Annotated[CohortChart, Tag("cohort")]
    | Annotated[WaterfallChart, Tag("waterfall")]
    | Annotated[DonutChart, Tag("donut")]
    | Annotated[PieChart, Tag("pie")]
    | Annotated[HistogramChart, Tag("histogram")]
    | Annotated[DistributionChart, Tag("distribution")]
    | Annotated[StateTimeline, Tag("state_timeline")]
    | Annotated[GaugePanel, Tag("gauge")]
    | Annotated[StatPanel, Tag("stat")]
    | Annotated[RegistryPanel, Tag("registry")]
    | Annotated[ListPanel, Tag("list")]
    | Annotated[TextPanel, Tag("text")]
    | Annotated[LinksPanel, Tag("links")],
    Discriminator(
        panel_kind,
        custom_error_type="panel_kind",
        custom_error_message=f"unknown panel; allowed: {', '.join(BY_OWN_KEY)}, "
        f"or chart: {', '.join(kind for kind in PANELS if kind not in BY_OWN_KEY)}",
    ),
]


class Finding(Definition):
    """The sentence a page opens with, computed.

    With `by`: which members are beyond the benchmark, and how much they weigh. Without: how the metric
    stands and how it moved.
    """

    metric: Name
    by: Name | None = None
    share_of: list[Name] = Field(default_factory=list, max_length=2)
    where: Expression | None = Field(default=None, description="What to judge; the shares stay shares of all.")


class Dashboard(Described):
    """A page. With `entity`, it is about one member of that entity and opens by drill-down or search."""

    dashboard: Name
    title: str
    icon: str = "grid"
    order: int = 100
    entity: Name | None = None
    standfirst: str = ""
    finding: Finding | None = None
    confidential: bool = Field(
        default=False, description="Its files say so, with who took them, when, of which workspace and for whom."
    )
    distribution: list[Name] = Field(
        default_factory=list, description="The roles it is for; others do not find it. Default: all that see its pack."
    )
    variables: list[Name | Variable] = Field(default_factory=list)
    period: str = "last_90_days"
    compare: Compare = "previous_period"
    panels: list[AnyPanel] = Field(min_length=1)

    @property
    def name(self) -> str:
        return self.dashboard
