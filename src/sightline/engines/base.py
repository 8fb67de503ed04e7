"""What every engine offers. Differences between engines are fields of Capabilities or entries of the function map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import pyarrow as pa
from sqlglot import exp

from sightline.errors import InternalError, UserError
from sightline.lake.relation import Relation


class QueryFailed(InternalError):
    """The engine refused a statement that we built: a bug of ours, logged with the SQL."""

    code = "SL-E040"


class QueryTooLong(UserError):
    """The engine was stopped after the time limit."""

    code = "SL-E041"
    permanent = False


@dataclass(frozen=True)
class Capabilities:
    """What an engine can do that the compiler must know."""

    name: str
    dialect: str
    exact_quantiles: bool = True
    group_by_all: bool = False


class Functions(Protocol):
    """The few functions whose spelling or meaning differs between engines."""

    def scan(self, relation: Relation, *, files: exp.Expression) -> exp.Expression:
        """Return the table expression that reads the files (bound as `files`)."""

    def quantile(self, value: exp.Expression, fraction: exp.Expression) -> exp.Expression:
        """Return the exact quantile with linear interpolation."""

    def bucket(self, day: exp.Expression, grain: str, *, week_start: str, fiscal_year_start: int) -> exp.Expression:
        """Return the first day of the day, week, month, quarter or year that a local day is in."""

    def hour(self, moment: exp.Expression, zone: exp.Expression) -> exp.Expression:
        """Return the local hour that a UTC moment is in."""

    def local_day(self, moment: exp.Expression, zone: exp.Expression) -> exp.Expression:
        """Return the local date of a UTC moment."""

    def days_between(self, start: exp.Expression, end: exp.Expression) -> exp.Expression:
        """Return the time from start to end in days, with fractions."""

    def add_days(self, moment: exp.Expression, days: exp.Expression) -> exp.Expression:
        """Return the moment so many days later."""

    def buckets(self, first: exp.Expression, last: exp.Expression, grain: str) -> exp.Expression:
        """Return a list of the buckets from first to last, to be unnested."""


class Engine(Protocol):
    """Runs SQL over the lake's files."""

    capabilities: ClassVar[Capabilities]
    functions: ClassVar[Functions]

    def run(self, sql: str, parameters: Mapping[str, Any]) -> pa.Table:
        """Return the result. Raises QueryTooLong and QueryFailed. Safe from many threads."""


