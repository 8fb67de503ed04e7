"""A table, view or query that is read, as the settings and the database together describe it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.reflection import ObjectKind

from sightline.definitions.catalog import did_you_mean
from sightline.sources.base import SourceError, Stream
from sightline.sources.sql.config import QueryConfig, SqlConfig, TableConfig
from sightline.sources.sql.dialect import Dialect
from sightline.sources.sql.query import as_table
from sightline.sources.sql.values import Kind

TIMES: frozenset[Kind] = frozenset({"zoned", "zoneless", "day"})


class UnknownTable(SourceError):
    """The settings name a table or column that the database does not have, or that we may not see."""

    code = "SL-E321"


class NoKey(SourceError):
    """Nothing identifies the rows of a table, or a row lacks it."""

    code = "SL-E322"


@dataclass(frozen=True)
class Relation:
    """What is read: `rows` to select from, its columns and what each says of time.

    `cursor_may_be_null`: rows that were never changed may lack the cursor's value, so they are read every time.
    """

    name: str
    rows: sa.FromClause
    key: tuple[str, ...]
    kinds: Mapping[str, Kind]
    cursor: str | None = None
    created: str | None = None
    deleted: str | None = None
    settle_seconds: int = 0
    cursor_may_be_null: bool = True

    @property
    def stream(self) -> Stream:
        return Stream(self.name, self.name, self.key, tuple(self.kinds), self.cursor, self.created)

    @property
    def bounded_by(self) -> str | None:
        """The column that bounds a backfill: creation, else change."""
        by_change = self.cursor if self.cursor and self.kind(self.cursor) in TIMES else None
        return self.created or by_change

    def column(self, name: str | None) -> sa.ColumnElement[Any]:
        """Return one of the columns; `name` is one the relation has."""
        return self.rows.c[name or ""]

    def kind(self, name: str | None) -> Kind:
        """Return what a column says of time."""
        return self.kinds[name or ""]


def relations(connection: sa.Connection, config: SqlConfig, dialect: Dialect) -> tuple[list[Relation], list[str]]:
    """Return everything that can be read, and the names of tables left out because nothing identifies their rows.

    Raises UnknownTable and NoKey for what the settings name.
    """
    found, without_key = [], []
    names = None if not config.tables and not config.queries else [table.name for table in config.tables]
    if names != []:
        for table in _tables(connection, config, names):
            relation = _relation(table, dialect)
            if relation.key:
                found.append(relation)
            elif names is None:
                without_key.append(relation.name)
            else:
                hint = 'Name the columns that identify a row under "key".'
                raise NoKey(f'table "{relation.name}" has no primary key', hint=hint)
    found += [_from_query(connection, query, dialect) for query in config.queries]
    return found, without_key


@dataclass(frozen=True)
class _Table:
    """A table as the settings want it and as it is."""

    wanted: TableConfig
    schema: str | None
    columns: Sequence[ReflectedColumn]
    primary_key: tuple[str, ...]


def _tables(connection: sa.Connection, config: SqlConfig, names: Sequence[str] | None) -> list[_Table]:
    inspector, schema = sa.inspect(connection), config.database_schema
    kind = ObjectKind.TABLE if names is None else ObjectKind.ANY
    columns = inspector.get_multi_columns(schema=schema, filter_names=names, kind=kind)
    keys = inspector.get_multi_pk_constraint(schema=schema, filter_names=names, kind=kind)
    known = {place[-1]: found for place, found in columns.items()}
    primary = {place[-1]: found["constrained_columns"] for place, found in keys.items()}
    wanted = config.tables or tuple(TableConfig(name=name) for name in sorted(known))
    tables: list[_Table] = []
    for table in wanted:
        if table.name not in known:
            there = [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
            meant = did_you_mean(table.name, there)
            raise UnknownTable(f'there is no table "{table.name}" that we may see', hint=meant)
        tables.append(_Table(table, schema, known[table.name], tuple(primary.get(table.name, ()))))
    return tables


def _relation(table: _Table, dialect: Dialect) -> Relation:
    wanted, names = table.wanted, [column["name"] for column in table.columns]
    key = wanted.key or table.primary_key
    _require(wanted.name, names, (*key, wanted.cursor, wanted.created, wanted.deleted))
    if wanted.deleted and len(key) > 1:
        raise NoKey(f'table "{wanted.name}" has a "deleted" column, so its key must be one column, not {len(key)}')
    nullable = {column["name"]: column["nullable"] for column in table.columns}
    return Relation(
        name=wanted.name,
        rows=sa.table(wanted.name, *(sa.column(name) for name in names), schema=table.schema),
        key=key,
        kinds={column["name"]: _kind(column["type"], dialect) for column in table.columns},
        cursor=wanted.cursor,
        created=wanted.created,
        deleted=wanted.deleted,
        settle_seconds=wanted.settle_seconds,
        cursor_may_be_null=bool(wanted.cursor and nullable[wanted.cursor]),
    )


def _kind(column: Any, dialect: Dialect) -> Kind:
    if isinstance(column, sa.DateTime):
        zoned = column.timezone or (dialect.timestamp_is_zoned and isinstance(column, sa.TIMESTAMP))
        return "zoned" if zoned else "zoneless"
    return "day" if isinstance(column, sa.Date) else "other"


def _from_query(connection: sa.Connection, query: QueryConfig, dialect: Dialect) -> Relation:
    everything: sa.Select[Any] = sa.select(sa.literal_column("*")).select_from(as_table(query, ()))
    described = connection.execute(everything.where(sa.false())).cursor.description or ()
    kinds: dict[str, Kind] = {column[0]: _kind_of_code(column[1], dialect) for column in described}
    if len(kinds) < len(described):
        raise UnknownTable(f'query "{query.name}" has two columns of the same name', hint="Rename one with AS.")
    _require(query.name, list(kinds), (*query.key, query.cursor, query.created, query.deleted))
    return Relation(
        name=query.name,
        rows=as_table(query, tuple(kinds)),
        key=query.key,
        kinds=kinds,
        cursor=query.cursor,
        created=query.created,
        deleted=query.deleted,
        settle_seconds=query.settle_seconds,
    )


def _kind_of_code(code: Any, dialect: Dialect) -> Kind:
    if code in dialect.zoned:
        return "zoned"
    if code in dialect.zoneless:
        return "zoneless"
    return "day" if code in dialect.days else "other"


def _require(name: str, columns: Sequence[str], wanted: Iterable[str | None]) -> None:
    for column in wanted:
        if column is not None and column not in columns:
            raise UnknownTable(f'"{name}" has no column "{column}"', hint=did_you_mean(column, columns))
