"""What a page shows, ready to print: words, positions and links. Templates decide nothing but markup.

A `Link` is relative to the workspace root: the page puts `/w/<workspace>/` before it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from sightline.dashboards.parts import Bullet, Delta, Figure, Link, Message, Spark
from sightline.dashboards.sheets import Heading
from sightline.definitions.bands import Status

PanelState = Literal["ok", "empty", "no_match", "error", "stale", "denied"]
Heat = Literal["", "n3", "n2", "n1", "p1", "p2", "p3"]
Badge = Literal["", "top", "bottom"]
Sorted = Literal["ascending", "descending", "none"]
Judged = Literal["", "excellent", "good", "warning", "critical", "none", "overdue", "early"]
"""What the words of a cell judge: nothing, by a status, without one, or by a day that has passed."""


@dataclass(frozen=True, kw_only=True)
class PanelView:
    """What every panel says. `id` is unique on the page and stable. `finding` is a computed title, when there is one.

    `stale` names what is late ("Spend held at 21 Jan") while the figures stay visible, `unusual` what else is odd about
    the data behind them ("Leads: 12 rows yesterday, expected 80–130"). `exportable` panels have a table
    of rows behind `export/<dashboard>/<id>`.
    """

    kind: ClassVar[str] = "panel"
    id: str
    title: str
    subtitle: str = ""
    span: int = 12
    below: bool = False  # it stands under the panel before it
    note: str = ""
    finding: str = ""
    state: PanelState = "ok"
    message: Message | None = None
    stale: str = ""
    unusual: str = ""
    export_name: str = ""
    exportable: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MessageView(PanelView):
    """A panel without figures: see `state` and `message`."""

    kind: ClassVar[str] = "message"


@dataclass(frozen=True)
class Column:
    """A column. `sort_link` is the page sorted by it. `spark` columns hold drawings. `minor` ones hide on phones."""

    key: str
    label: str
    unit: str = ""
    numeric: bool = False
    sortable: bool = False
    sorted: Sorted = "none"
    sort_link: Link = field(default_factory=Link)
    spark: bool = False
    minor: bool = False
    description: str = ""
    file: Heading | None = None  # how a file writes the column, where the table itself is what is exported


@dataclass(frozen=True)
class Cell:
    """One cell. `figure` when it is a metric; `below` says in words which benchmark it misses ("below 10%")."""

    text: str
    sort: float | str | None = None
    figure: Figure | None = None
    heat: Heat = ""
    below: str = ""
    delta: Delta | None = None
    spark: Spark | None = None
    link: Link = field(default_factory=Link)
    status: Judged = ""
    reason: str = ""  # a second line: why the status is what it is
    raw: Any = None  # what a file writes; empty: the figure's value, else the text


@dataclass(frozen=True)
class Row:
    """Cells by column, in order. `key` is the member's key; `badge_words` say of what it is the top or bottom."""

    key: str
    cells: tuple[Cell, ...]
    link: Link = field(default_factory=Link)
    badge: Badge = ""
    badge_words: str = ""
    rows_link: Link = field(default_factory=Link)
    file: Heading | None = None  # how a file writes the row's numbers, where rows differ and columns do not


@dataclass(frozen=True)
class RowGroup:
    """Rows under one heading. An empty label is a table without groups; `subtotal` is () then."""

    label: str
    rows: tuple[Row, ...]
    subtotal: tuple[Cell, ...] = ()
    key: str = ""
    status: Judged = ""  # icon and colour of its heading


@dataclass(frozen=True, kw_only=True)
class TableView(PanelView):
    """`total_rows` exist; fewer may be shown (`limited`, said in `limited_words`). `total` is recomputed, not added."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[Column, ...]
    groups: tuple[RowGroup, ...]
    total: tuple[Cell, ...] = ()
    total_rows: int = 0
    shown_rows: int = 0
    limited: bool = False
    limited_words: str = ""
    legend: tuple[str, ...] = ()
    heat_words: str = ""  # against what the cells are shaded; empty: no legend
    comparable: str = ""  # the entity whose members can be compared side by side
    scrolls: bool = False  # has more columns than a page is wide

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for group in self.groups for row in group.rows)


@dataclass(frozen=True)
class LegendItem:
    """`colour` counts from 1 in the categorical order; `shape` is a Vega symbol; `dashed` lines say so."""

    label: str
    colour: int
    shape: str = "square"
    dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class ChartView(PanelView):
    """A drawing and its twin. The specs are free of colours: the theme of the page's mode is merged in when drawn."""

    kind: ClassVar[str] = "chart"
    chart: str  # line | bar | scatter | waterfall | donut | pie
    spec: Mapping[str, Any]
    narrow: Mapping[str, Any]
    sentence: str  # the aria-label
    table: TableView
    legend: tuple[LegendItem, ...] = ()
    height: int = 260
    picture: Mapping[str, Any] = field(default_factory=dict)  # the drawing of a file, where it differs
    good: str = ""  # what holds between the figures, as a check that passed
    wrong: str = ""  # or what does not

    @property
    def payload(self) -> str:
        """JSON for `<script type="application/json">`: cannot close the element it stands in."""
        both: dict[str, Any] = {"spec": self.spec, "narrow": self.narrow}
        if self.spec.get("datasets") == self.narrow.get("datasets"):  # the points are the same: said once
            both = {name: {key: part for key, part in spec.items() if key != "datasets"} for name, spec in both.items()}
            both["datasets"] = self.spec.get("datasets", {})
        text = json.dumps(both, ensure_ascii=False, separators=(",", ":"))
        return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@dataclass(frozen=True)
class FunnelStageView:
    """One stage. `share` is its bar, 0..100 of the first stage. `rate` is of the stage before; None for the first."""

    name: str
    label: str
    count: Figure
    share: float
    rate: Figure | None
    overall: str = ""
    below: str = ""  # Below 10%, Above 15%
    status: Status | None = None
    compared: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FunnelView(PanelView):
    """`view` is the view in words: "By inquiry date, 64% matured" or "Events in the period". Always printed."""

    kind: ClassVar[str] = "funnel"
    view: str
    view_kind: Literal["cohort", "period"]
    stages: tuple[FunnelStageView, ...]
    compared_labels: tuple[str, ...] = ()
    table: TableView | None = None


@dataclass(frozen=True)
class BulletRow:
    label: str
    figure: Figure
    bullet: Bullet | None
    delta: Delta | None = None
    status_words: str = ""


@dataclass(frozen=True, kw_only=True)
class BulletView(PanelView):
    kind: ClassVar[str] = "bullet"
    bars: tuple[BulletRow, ...]
    table: TableView | None = None


@dataclass(frozen=True)
class HeatCell:
    """`step` is 0 (not shaded) or 1..7 of the sequential ramp; its text inverts from 6."""

    figure: Figure
    step: int


@dataclass(frozen=True)
class HeatRow:
    label: str
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, kw_only=True)
class HeatmapView(PanelView):
    kind: ClassVar[str] = "heatmap"
    caption: str
    row_heading: str
    columns: tuple[str, ...]
    heat_rows: tuple[HeatRow, ...]
    low: str = ""  # end labels of the legend
    high: str = ""
    sentence: str = ""
    picture: Mapping[str, Any] = field(default_factory=dict)  # the same as a drawing, for files


@dataclass(frozen=True, kw_only=True)
class CompareView(PanelView):
    """Members side by side: a row per metric, a column per member; `best` marks (metric, member key)."""

    kind: ClassVar[str] = "compare"
    entity: str
    members: tuple[tuple[str, str], ...]
    table: TableView
    best: frozenset[tuple[str, str]] = frozenset()
    chart: ChartView | None = None


@dataclass(frozen=True)
class Option:
    """One choice of a chip. `link` is the page with it chosen (a plain link: works without JavaScript)."""

    value: str
    label: str
    selected: bool
    link: Link


@dataclass(frozen=True)
class Chip:
    """A filter of the bar. `name` is its URL parameter. Dimension chips load their options from `members?…`."""

    name: str
    label: str
    value_words: str  # All, Business, Business +2
    active: bool = False
    multiple: bool = False
    options: tuple[Option, ...] = ()
    selected: tuple[tuple[str, str], ...] = ()  # (key, label)
    clear: Link = field(default_factory=Link)
    searchable: bool = False


@dataclass(frozen=True)
class FilterBar:
    """`hidden` are the parameters a GET form must carry along; `share` is the address of this very view."""

    period: Chip
    compare: Chip
    variables: tuple[Chip, ...]
    hidden: tuple[tuple[str, str], ...]
    clear: Link
    share: Link
    any_active: bool


@dataclass(frozen=True)
class Sentence:
    """A sentence in parts; strong ones carry the finding."""

    parts: tuple[tuple[str, bool], ...] = ()

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.parts)


@dataclass(frozen=True)
class SourceLine:
    label: str
    state: Literal["fresh", "late", "stale", "empty"]
    words: str


@dataclass(frozen=True)
class FreshnessView:
    state: Literal["fresh", "late", "stale", "empty"]
    words: str  # Data to 23 Jan, 06:10
    sources: tuple[SourceLine, ...] = ()


@dataclass(frozen=True)
class Strip:
    """Panels that belong together on one line: consecutive tiles, or one other panel."""

    tiles: tuple[PanelView, ...] = ()
    panel: PanelView | None = None


@dataclass(frozen=True)
class DashboardView:
    """A page. `blocks` keep the order of the definition. `etag` changes exactly when what is shown may have."""

    name: str
    title: str
    icon: str
    standfirst: Sentence
    filters: FilterBar
    blocks: tuple[Strip, ...]
    freshness: FreshnessView
    period_words: str
    snapshot: int
    etag: str
    zone: str
    asked_at: datetime
    entity: str = ""
    member: tuple[str, str] | None = None
    is_archived: bool = False  # the member is not offered to choose from any more
    problems: tuple[str, ...] = ()  # parameters of the address that were not understood
    elapsed_ms: float = 0.0
    questions: int = 0
    is_settled: bool = True  # made anew from the same data it would be the same: no fault that may pass

    @property
    def panels(self) -> tuple[PanelView, ...]:
        return tuple(panel for block in self.blocks for panel in (*block.tiles, block.panel) if panel is not None)


@dataclass(frozen=True)
class ComparePage:
    """Members side by side, with what else could be compared (key, label)."""

    view: CompareView
    filters: FilterBar
    candidates: tuple[tuple[str, str], ...]
    freshness: FreshnessView
    snapshot: int
    etag: str


@dataclass(frozen=True)
class MetricView:
    """The page of one metric: what it means, how it runs, what it is made of, where it is used."""

    name: str
    title: str
    definition: str
    standing: Sentence
    facts: tuple[tuple[str, str], ...]
    tile: PanelView
    trend: PanelView
    breakdowns: tuple[PanelView, ...]
    filters: FilterBar
    explain: Link
    used_in: tuple[tuple[str, Link], ...]
    made_of: tuple[tuple[str, Link], ...]
    freshness: FreshnessView
    snapshot: int
    etag: str
    problems: tuple[str, ...] = ()
