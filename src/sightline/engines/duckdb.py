"""DuckDB over the Delta tables' own file lists, inside a sandbox.

One connection per lake and one cursor per request: threads that share a connection silently get wrong rows.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import pyarrow as pa
from sqlglot import exp

from sightline.engines.base import Capabilities, QueryFailed, QueryTooLong, ValueRefused
from sightline.engines.turns import TURNS
from sightline.engines.watchdog import Watchdog
from sightline.lake.relation import Relation

TIME_LIMIT_SECONDS = 30.0
MEMORY_LIMIT = "1GB"
RESERVED_ROWS = 2048
"""DuckDB reserves room for so many rows in every column of a result, however few there are."""


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(value)


class DuckFunctions:
    """DuckDB's spelling of the function map."""

    def files(self, relation: Relation) -> object:
        # One text for all files: the binding looks for pandas anew for every value, 0.12 ms each where it is absent.
        return "\n".join(relation.files)

    def scan(self, relation: Relation, *, files: exp.Expr) -> exp.Expr:
        files = _call("string_split", files, _call("chr", exp.Literal.number(10)))
        options = [exp.EQ(this=exp.var("union_by_name"), expression=exp.true())] if relation.union_by_name else []
        plain = exp.EQ(this=exp.var("hive_partitioning"), expression=exp.false())
        return _call("read_parquet", files, plain, *options)

    def quantile(self, value: exp.Expr, fraction: exp.Expr) -> exp.Expr:
        return _call("quantile_cont", value, fraction)

    def bucket(self, day: exp.Expr, grain: str, *, week_start: str, fiscal_year_start: int) -> exp.Expr:
        if grain == "day":
            return day
        if grain == "week":
            return _shifted(day, "week", "DAY", {"monday": 0, "sunday": 1, "saturday": 2}[week_start])
        if grain in ("quarter", "year"):
            return _shifted(day, grain, "MONTH", (1 - fiscal_year_start) % (3 if grain == "quarter" else 12))
        return _truncated(day, grain)

    def hour(self, moment: exp.Expr, zone: exp.Expr) -> exp.Expr:
        return _call("date_trunc", _text("hour"), _call("timezone", zone, moment))

    def local_day(self, moment: exp.Expr, zone: exp.Expr) -> exp.Expr:
        return exp.Cast(this=_call("timezone", zone, moment), to=exp.DataType.build("date"))

    def day_start(self, day: exp.Expr, zone: exp.Expr) -> exp.Expr:
        return _call("timezone", zone, exp.Cast(this=day, to=_TIMESTAMP))

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        seconds = exp.Sub(this=_call("epoch", end), expression=_call("epoch", start))
        return exp.Div(this=exp.Paren(this=seconds), expression=exp.Literal.number("86400.0"))

    def buckets_between(self, first: exp.Expr, later: exp.Expr, grain: str) -> exp.Expr:
        # fiscal quarters and years begin at any month, so they are told by whole months
        unit, size = {"week": ("day", 7), "quarter": ("month", 3), "year": ("month", 12)}.get(grain, (grain, 1))
        apart = _call("date_diff", _text(unit), first, later)
        return exp.Cast(this=exp.IntDiv(this=apart, expression=exp.Literal.number(size)), to=exp.DataType.build("int"))

    def add_days(self, moment: exp.Expr, days: exp.Expr) -> exp.Expr:
        return exp.Add(this=moment, expression=_call("to_days", exp.Cast(this=days, to=exp.DataType.build("int"))))

    def buckets(self, first: exp.Expr, last: exp.Expr, grain: str) -> exp.Expr:
        step = exp.Interval(
            this=_text("3" if grain == "quarter" else "1"),
            unit=exp.var("MONTH" if grain == "quarter" else grain.upper()),
        )
        return _call("generate_series", exp.Cast(this=first, to=_TIMESTAMP), exp.Cast(this=last, to=_TIMESTAMP), step)


_TIMESTAMP = exp.DataType.build("timestamp")


def _truncated(day: exp.Expr, grain: str) -> exp.Expr:
    return exp.Cast(this=_call("date_trunc", _text(grain), day), to=exp.DataType.build("date"))


def _shifted(day: exp.Expr, grain: str, unit: str, number: int) -> exp.Expr:
    """Truncate on a grain that begins `number` units before the calendar's own."""
    if number == 0:
        return _truncated(day, grain)
    step = exp.Interval(this=_text(str(number)), unit=exp.var(unit))
    moved = _call("date_trunc", _text(grain), exp.Paren(this=exp.Add(this=day, expression=step)))
    return exp.Cast(this=exp.Paren(this=exp.Sub(this=moved, expression=step.copy())), to=exp.DataType.build("date"))


class DuckDB:
    """The embedded engine: reads only below `root`, writes nothing."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="duckdb", dialect="duckdb", group_by_all=True, union_by_name=True
    )
    functions: ClassVar[DuckFunctions] = DuckFunctions()

    def __init__(self, root: Path, *, threads: int | None = None, memory_limit: str = MEMORY_LIMIT) -> None:
        self._connection = duckdb.connect(":memory:")
        self._lock = threading.Lock()
        settings: dict[str, Any] = {
            "memory_limit": memory_limit,
            "TimeZone": "UTC",
            "parquet_metadata_cache": True,
            "enable_external_file_cache": False,  # the operating system keeps the same blocks (measured: no slower)
        }
        if threads:
            settings["threads"] = threads
        for name, value in settings.items():
            self._connection.execute(f"SET {name} = $value", {"value": value})
        self._connection.execute("SET allowed_directories = $roots", {"roots": [str(root.resolve())]})
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def run(self, sql: str, parameters: Mapping[str, Any]) -> pa.Table:
        """Return the result as Arrow."""
        with self._lock:
            cursor = self._connection.cursor()
        with cursor, TURNS.given_up(), _watchdog.limits(cursor.interrupt, TIME_LIMIT_SECONDS):
            try:
                return packed(cursor.execute(sql, dict(parameters)).to_arrow_table())
            except duckdb.InterruptException as error:
                raise QueryTooLong(
                    f"the query took over {TIME_LIMIT_SECONDS:.0f} seconds and was stopped",
                    hint="Try a shorter period or fewer groups.",
                ) from error
            except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
                raise ValueRefused(
                    "a value in the question does not fit the type of the column it is compared with",
                    hint="Compare text with text, numbers with numbers and dates as 2025-01-31.",
                ) from error
            except duckdb.Error as error:
                raise QueryFailed(f"{type(error).__name__}: {error}\n{sql}") from error

    def close(self) -> None:
        self._connection.close()


def packed(table: pa.Table) -> pa.Table:
    """Return the table without reserved room: a cache of small answers would hold it, 400 kB instead of 20 each."""
    if table.num_rows >= RESERVED_ROWS:
        return table
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return pa.ipc.open_stream(sink.getvalue()).read_all()


_watchdog = Watchdog()
