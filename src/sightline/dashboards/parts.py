"""The small parts of a page: a link, a figure, a change, a drawing beside a number, a message.

Every text is finished (numbers formatted, states in words). Geometry is in the units of the view box it names, so that
no inline style is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

from sightline.definitions.bands import Status

FigureState = Literal["ok", "missing", "too_few", "maturing", "held", "error"]
"""held: the data behind it is stale. maturing: the cohort is too young to be final. missing: `reason` says why."""

Judged = Literal["", "excellent", "good", "warning", "critical", "none"]
Tone = Literal["good", "bad", "none"]


@dataclass(frozen=True)
class Link:
    """A page of the workspace: `d/program?program=mba`. Empty `page` is no link."""

    page: str = ""
    query: tuple[tuple[str, str], ...] = ()

    @property
    def href(self) -> str:
        """Relative to the workspace root."""
        return f"{self.page}?{urlencode(self.query)}" if self.query else self.page

    def __bool__(self) -> bool:
        return bool(self.page)


@dataclass(frozen=True)
class Figure:
    """One number. `text` may be short (1.2M), `exact` never is; `spoken` is what a screen reader says.

    `status_words` go with `status` ("Off track"); `interval` is the 95 % interval in words when n is small;
    `explain` opens the drawer.
    """

    text: str
    exact: str = ""
    spoken: str = ""
    value: float | None = None
    state: FigureState = "ok"
    reason: str = ""
    status: Status | None = None
    status_words: str = ""
    interval: str = ""
    explain: Link = field(default_factory=Link)


@dataclass(frozen=True)
class Delta:
    """A change: "▲ 5.4% vs previous". `arrow` is the direction of the number, `tone` whether that is good."""

    text: str
    arrow: Literal["up", "down", "flat"]
    tone: Tone
    base: str  # vs previous
    spoken: str  # up 5.4%, better, vs previous


@dataclass(frozen=True)
class Spark:
    """A line in a 72 × 28 view box. `x`, `y` is the last point; `dashed` the last segment when its period is open."""

    path: str
    x: float
    y: float
    spoken: str
    dashed: str = ""
    width: int = 72
    height: int = 28


@dataclass(frozen=True)
class Bullet:
    """Positions in percent (0..100) along a track. `low` and `high` bound the 80 % interval, when there is one."""

    value: float
    target: float | None
    words: str  # 67% of €150K target
    status: Status | None = None
    low: float | None = None
    high: float | None = None
    ticks: tuple[float, ...] = ()


@dataclass(frozen=True)
class Message:
    """What stands in a panel that has no figures, and what to do about it."""

    title: str
    text: str
    action: str = ""
    link: Link = field(default_factory=Link)
    reference: str = ""


@dataclass(frozen=True)
class Standing:
    """`judged` gives icon and colour, `words` the status, `reason` what it was held against ("at least 12%").

    `turned` says by which trend it is another than its value alone gives it ("worse for 3 months running").
    """

    judged: Judged = ""
    words: str = ""
    reason: str = ""
    turned: str = ""

    @property
    def is_told(self) -> bool:
        """Whether a tile says it: trouble, an opportunity, a status that the trend has turned."""
        return self.is_off or self.judged == "excellent" or bool(self.turned)

    @property
    def status(self) -> Status | None:
        """The status where it has one."""
        return None if self.judged == "" or self.judged == "none" else self.judged

    @property
    def rank(self) -> int:
        """Trouble first: the order of a sorted column."""
        return ("critical", "warning", "none", "", "good", "excellent").index(self.judged)

    @property
    def is_well(self) -> bool:
        return self.judged in ("good", "excellent")

    @property
    def is_off(self) -> bool:
        return self.judged in ("critical", "warning")
