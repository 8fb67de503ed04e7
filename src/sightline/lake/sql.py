"""Small pieces of SQL trees: quoted columns, bound values, scans of Parquet files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
from sqlglot import exp

DIALECT = "duckdb"


class Bindings:
    """Values to bind, by name. `value()` returns the placeholder that stands for one."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def value(self, value: object) -> exp.Placeholder:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return exp.Placeholder(this=name)


def column(name: str, table: str | None = None) -> exp.Column:
    """Return a quoted column."""
    return exp.column(name, table=table, quoted=True)


def cast(value: exp.Expr, sql_type: str) -> exp.Cast:
    """Return the value as a type; casting fails the statement, so use `try_cast` for values from outside."""
    return exp.Cast(this=value, to=exp.DataType.build(sql_type, dialect=DIALECT))


def try_cast(value: exp.Expr, sql_type: str) -> exp.TryCast:
    """Return the value as a type, or NULL when it is not one."""
    return exp.TryCast(this=value, to=exp.DataType.build(sql_type, dialect=DIALECT))


def local_day(moment: exp.Expr, zone: exp.Expr) -> exp.Cast:
    """Return the date a moment (with time zone) has in a zone."""
    return cast(exp.AtTimeZone(this=moment, zone=zone), "DATE")


def all_of(conditions: Iterable[exp.Expr]) -> exp.Expr:
    """Return the conditions joined by AND; TRUE when there are none."""
    conditions = list(conditions)
    return exp.and_(*conditions) if conditions else exp.true()


def same(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return whether two values are equal, with NULL equal to NULL."""
    return exp.NullSafeEQ(this=left, expression=right)


def scan(files: Sequence[str], bindings: Bindings, alias: str | None = None) -> exp.Table:
    """Return a table function over Parquet files, with the file of each row as `filename`.

    Names are always matched, never positions: older files may lack newer columns.
    """
    options = [
        exp.EQ(this=exp.column(name), expression=exp.Boolean(this=on))
        for name, on in (("union_by_name", True), ("filename", True), ("hive_partitioning", False))
    ]
    function = exp.Anonymous(this="read_parquet", expressions=[bindings.value(list(files)), *options])
    name = exp.TableAlias(this=exp.to_identifier(alias)) if alias else None
    return exp.Table(this=function, alias=name)


def run(
    connection: duckdb.DuckDBPyConnection, statement: exp.Expr, bindings: Bindings | None = None
) -> duckdb.DuckDBPyConnection:
    """Execute a tree and return the connection, ready to fetch from."""
    return connection.execute(statement.sql(dialect=DIALECT), bindings.values if bindings else {})


def path_of(path: Path) -> str:
    """Return a path as a quoted literal, for the statements that take no bound values."""
    return exp.Literal.string(str(path)).sql(dialect=DIALECT)


@contextmanager
def scratch(folder: Path, *, memory: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a private DuckDB that spills to `folder` beyond `memory`, in UTC."""
    folder.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": str(folder),
        "preserve_insertion_order": "false",
    }
    connection = duckdb.connect(config=settings)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()
