"""A dashboard: variables, a period, and panels. One panel kind, one model."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from sightline.definitions.schema.base import Definition, Described, Expression, Name
from sightline.definitions.schema.metric import Grain

Compare = Literal["none", "previous_period", "previous_year", "same_weekdays", "same_point", "target", "peers"]


class Variable(Definition):
    """A filter people can set for the whole dashboard."""

    dimension: str = Field(description="The dimension it filters; also its name in the URL.")
    label: str = ""
    multiple: bool = True


class Panel(Definition):
    """What every panel may say. `span` is columns of twelve."""

    title: str = ""
    subtitle: str = Field(default="", description="Default: measure, unit and period.")
    span: int | None = Field(default=None, ge=2, le=12)
    where: Expression | None = None
    period: str | None = Field(default=None, description="Instead of the dashboard's.")
    compare: Compare | None = None
    drill: Name | None = Field(default=None, description="The dashboard that opens for the thing clicked.")
    note: str = Field(default="", description="A line under the panel.")


class TilePanel(Panel):
    """One figure: value, change, sparkline, target. Consecutive tiles share a strip."""

    tile: Name = Field(description="The metric.")
    sparkline: Grain | None = "week"


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


class LineChart(Panel):
    chart: Literal["line"]
    metrics: list[Name] = Field(min_length=1)
    grain: Grain = "week"
    by: Name | None = None
    limit: int = Field(default=6, ge=1, le=8, description="Most series; the rest is named in the panel.")


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
}


def panel_kind(value: Any) -> str | None:
    """Return the kind of a panel: `tile`, `table`, or what `chart` says."""
    written = value if isinstance(value, dict) else vars(value) if isinstance(value, Panel) else {}
    if written.get("chart") is not None:
        return str(written["chart"])
    return next((kind for kind in ("tile", "table") if written.get(kind) is not None), None)


AnyPanel = Annotated[
    Annotated[TilePanel, Tag("tile")]
    | Annotated[TablePanel, Tag("table")]
    | Annotated[LineChart, Tag("line")]
    | Annotated[BarChart, Tag("bar")]
    | Annotated[FunnelChart, Tag("funnel")]
    | Annotated[ScatterChart, Tag("scatter")]
    | Annotated[HeatmapChart, Tag("heatmap")]
    | Annotated[BulletChart, Tag("bullet")],
    Discriminator(
        panel_kind,
        custom_error_type="panel_kind",
        custom_error_message="unknown panel; allowed: tile, table, or chart: " + ", ".join(list(PANELS)[2:]),
    ),
]


class Finding(Definition):
    """The sentence a page opens with, computed: which members are beyond the benchmark, and how much they weigh."""

    metric: Name
    by: Name
    share_of: list[Name] = Field(default_factory=list, max_length=2)
    where: Expression | None = Field(default=None, description="Members to judge; the shares stay shares of all.")


class Dashboard(Described):
    """A page. With `entity`, it is about one member of that entity and opens by drill-down or search."""

    dashboard: Name
    title: str
    icon: str = "grid"
    order: int = 100
    entity: Name | None = None
    standfirst: str = ""
    finding: Finding | None = None
    variables: list[Name | Variable] = Field(default_factory=list)
    period: str = "last_90_days"
    compare: Compare = "previous_period"
    panels: list[AnyPanel] = Field(min_length=1)

    @property
    def name(self) -> str:
        return self.dashboard
