"""What panels beyond tables and charts show, ready to print: cohorts, parts of a whole, states, one figure, words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sightline.dashboards.parts import Bullet, Delta, Figure, Link, Spark, Standing
from sightline.dashboards.view import HeatCell, PanelView, TableView


@dataclass(frozen=True, kw_only=True)
class TileView(PanelView):
    kind: ClassVar[str] = "tile"
    figure: Figure
    delta: Delta | None = None
    spark: Spark | None = None
    bullet: Bullet | None = None
    metric: str = ""
    standing: Standing | None = None  # None: not told


@dataclass(frozen=True)
class CohortCell:
    """One cohort at one age. `open` ages are not over for all of the cohort, so they still rise."""

    shown: HeatCell
    open: bool = False


@dataclass(frozen=True)
class CohortRow:
    """A cohort: its name, its size, and a cell per age; None where the age has yet to come."""

    label: str
    size: Figure
    cells: tuple[CohortCell | None, ...]


@dataclass(frozen=True, kw_only=True)
class CohortView(PanelView):
    """A triangle: cohorts down, ages across, a weighted average below. `picture` is the same as a drawing."""

    kind: ClassVar[str] = "cohort"
    caption: str
    row_heading: str
    ages: tuple[str, ...]
    cohorts: tuple[CohortRow, ...]
    average: tuple[Figure, ...]
    average_label: str
    low: str = ""
    high: str = ""
    legend: tuple[str, ...] = ()
    picture: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One part of a bar: where it begins and how wide it is (0..100), its colour in the categorical order (0: grey)."""

    label: str
    figure: Figure
    share_words: str
    start: float
    width: float
    colour: int


@dataclass(frozen=True, kw_only=True)
class DistributionView(PanelView):
    """One bar in parts, and above it the score they make, when there is one."""

    kind: ClassVar[str] = "distribution"
    parts: tuple[Part, ...]
    sentence: str
    table: TableView
    score: Figure | None = None
    standing: Standing = field(default_factory=Standing)
    delta: Delta | None = None
    picture: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StateCell:
    figure: Figure
    standing: Standing
    partial: bool = False


@dataclass(frozen=True)
class StateRow:
    label: str
    cells: tuple[StateCell | None, ...]


@dataclass(frozen=True, kw_only=True)
class StateTimelineView(PanelView):
    """A row per member and a column per bucket: the value and the word of its status."""

    kind: ClassVar[str] = "state_timeline"
    caption: str
    row_heading: str
    columns: tuple[str, ...]
    lines: tuple[StateRow, ...]
    legend: tuple[tuple[str, str], ...]  # status, what it means in this metric's unit
    as_table: TableView
    picture: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Arc:
    """A piece of the dial: its path in a 200 × 112 box and the status it stands for ("" is the track)."""

    path: str
    status: str = ""


@dataclass(frozen=True, kw_only=True)
class GaugeView(PanelView):
    """An arc with bands, the value along it, a tick at the target, and the figure in the middle."""

    kind: ClassVar[str] = "gauge"
    figure: Figure
    standing: Standing
    delta: Delta | None
    bands: tuple[Arc, ...]
    value_path: str
    target_line: tuple[float, float, float, float] | None
    target_words: str
    low: str
    high: str
    sentence: str
    table: TableView
    picture: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ComponentLine:
    """One part of a score: its weight, what it earned of it, and its own value."""

    label: str
    link: Link
    figure: Figure
    weight: str
    bar: Bullet | None
    earned: str
    lost: str


@dataclass(frozen=True, kw_only=True)
class StatView(PanelView):
    """One hero figure with its change, status and why; the components of a score below it."""

    kind: ClassVar[str] = "stat"
    figure: Figure
    standing: Standing
    delta: Delta | None = None
    spark: Spark | None = None
    bullet: Bullet | None = None
    components: tuple[ComponentLine, ...] = ()
    drag: str = ""
    as_table: TableView
    scale: str = ""  # "/ 100" of a score


@dataclass(frozen=True, kw_only=True)
class TextView(PanelView):
    kind: ClassVar[str] = "text"
    paragraphs: tuple[str, ...]
    exportable: bool = False


@dataclass(frozen=True)
class Way:
    """A way to another page."""

    label: str
    text: str
    link: Link


@dataclass(frozen=True, kw_only=True)
class LinksView(PanelView):
    kind: ClassVar[str] = "links"
    ways: tuple[Way, ...]
    exportable: bool = False
