"""What every engine offers. Differences between engines are fields of Capabilities or entries of the function map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa
from sqlglot import exp

from sightline.errors import InternalError, UserError
from sightline.lake.relation import Relation


class QueryFailed(InternalError):
    """The engine refused a statement that we built: a bug of ours, logged with the SQL."""

    code = "SL-E040"


class QueryTooLong(UserError):
    """The engine was stopped after the time limit."""

    code = "SL-E024"
    permanent = False


class ValueRefused(UserError):
    """A value of the question does not fit the type of the column it meets. The data is never quoted."""

    code = "SL-E025"


@dataclass(frozen=True)
class Capabilities:
    """What an engine can do that the compiler must know."""

    name: str
    dialect: str
    exact_quantiles: bool = True
    group_by_all: bool = False
    union_by_name: bool = False


class Functions(Protocol):
    """The few functions whose spelling or meaning differs between engines."""

    def files(self, relation: Relation) -> object:
        """Return the file list as the value that `scan` expects to be bound."""

    def scan(self, relation: Relation, *, files: exp.Expr) -> exp.Expr:
        """Return the table expression that reads the files bound as `files`."""

    def quantile(self, value: exp.Expr, fraction: exp.Expr) -> exp.Expr:
        """Return the exact quantile with linear interpolation."""

    def bucket(self, day: exp.Expr, grain: str, *, week_start: str, fiscal_year_start: int) -> exp.Expr:
        """Return the first day of the day, week, month, quarter or year that a local day is in."""

    def hour(self, moment: exp.Expr, zone: exp.Expr) -> exp.Expr:
        """Return the local hour that a UTC moment is in."""

    def local_day(self, moment: exp.Expr, zone: exp.Expr) -> exp.Expr:
        """Return the local date of a UTC moment."""

    def day_start(self, day: exp.Expr, zone: exp.Expr) -> exp.Expr:
        """Return the first moment of a local date."""

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """Return the time from start to end in days, with fractions."""

    def buckets_between(self, first: exp.Expr, later: exp.Expr, grain: str) -> exp.Expr:
        """Return how many buckets of a grain lie between two, as a whole number."""

    def add_days(self, moment: exp.Expr, days: exp.Expr) -> exp.Expr:
        """Return the moment so many days later."""

    def buckets(self, first: exp.Expr, last: exp.Expr, grain: str) -> exp.Expr:
        """Return a list of the buckets from first to last, to be unnested."""


class Engine(Protocol):
    """Runs SQL over the lake's files."""

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def functions(self) -> Functions: ...

    def run(self, sql: str, parameters: Mapping[str, Any]) -> pa.Table:
        """Return the result. Raises QueryTooLong and QueryFailed. Safe from many threads."""
