"""A question: what to compute, over which time, seen how."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from sightline.definitions.schema.metric import Grain
from sightline.errors import UserError

Operator = Literal["in", "not_in", "contains", ">=", "<=", ">", "<"]
Comparison = Literal["none", "previous_period", "previous_year", "same_weekdays", "same_point", "target", "peers"]
COMPARISONS: tuple[Comparison, ...] = (
    "none",
    "previous_period",
    "previous_year",
    "same_weekdays",
    "same_point",
    "target",
    "peers",
)


class QuestionError(UserError):
    """The question cannot be answered as asked: a name, a filter, a period or a combination is wrong."""

    code = "SL-E020"


@dataclass(frozen=True)
class Period:
    """Whole local days, half-open: from `start` up to but not including `end`. None is unbounded."""

    start: date | None = None
    end: date | None = None
    name: str = "all_time"


@dataclass(frozen=True)
class Filter:
    """A dimension held to some values. `None` among the values is the missing value."""

    dimension: str
    values: tuple[str | int | float | bool | None, ...]
    operator: Operator = "in"


@dataclass(frozen=True)
class Order:
    column: str
    descending: bool = False


@dataclass(frozen=True)
class Question:
    """Metrics, grouped, over a period.

    `group_by` names dimensions (`source`, `level`) or entities (`program`). `grain` adds a time bucket column named
    `period`. `where` is a safe expression over dimensions; `filters` say the same as data. Both apply. `period` is a
    preset (`last_90_days`), `2025-01-01..2025-02-01` (end excluded) or a Period. `limit` cuts rows; the answer still
    tells how many there are.
    """

    metrics: tuple[str, ...]
    group_by: tuple[str, ...] = ()
    grain: Grain | None = None
    where: str | None = None
    filters: tuple[Filter, ...] = ()
    period: str | Period = field(default_factory=Period)
    compare: Comparison = "none"
    order: tuple[Order, ...] = ()
    limit: int | None = None
