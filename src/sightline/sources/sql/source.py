"""The connector `sql`: tables and queries of a database as streams."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sightline.definitions.catalog import did_you_mean
from sightline.sources.base import Checked, Connector, Page, ReadRequest, Record, SourceError, Stream, Surroundings
from sightline.sources.sql.config import SqlConfig
from sightline.sources.sql.connection import Database
from sightline.sources.sql.dialects import DIALECTS
from sightline.sources.sql.place import Place
from sightline.sources.sql.query import require_one_select
from sightline.sources.sql.reading import Reader
from sightline.sources.sql.relation import TIMES, Relation, UnknownTable, relations
from sightline.sources.sql.statement import Limits, Terms, counts_of, keys_of
from sightline.sources.sql.values import plain

DAYS_AT_ONCE = 62


class Unbounded(SourceError):
    """A span of time is asked for, but no column tells when rows were made or changed."""

    code = "SL-E326"


class SqlSource:
    """A database. What it has is looked up once and then remembered while the source is open."""

    def __init__(self, config: SqlConfig, surroundings: Surroundings) -> None:
        self._config, self._surroundings = config, surroundings
        self._terms = Terms(DIALECTS[config.dialect], ZoneInfo(config.zone))
        for query in config.queries:
            require_one_select(query, self._terms.dialect)
        self._database = Database(config, self._terms.dialect, surroundings)
        self._known: dict[str, Relation] | None = None
        self._without_key: list[str] = []

    def check(self) -> Checked:
        with self._database.reading() as connection:
            version = str(connection.exec_driver_sql(self._terms.dialect.version).scalar_one())
        details = {"version": version, "streams": str(len(self._relations()))}
        if self._without_key:
            details["left out, because nothing identifies their rows"] = ", ".join(self._without_key)
        return Checked(self._database.name, details)

    def streams(self) -> Sequence[Stream]:
        return [relation.stream for relation in self._relations().values()]

    def read(self, request: ReadRequest) -> Iterator[Page]:
        relation = self._relation(request.stream.name)
        if (request.since or request.until) and not relation.bounded_by:
            hint = 'Name the column of the moment it was made under "created".'
            raise Unbounded(f'"{relation.name}" cannot be read for a span of time', hint=hint)
        for name in request.columns:
            if name not in relation.kinds:
                hint = did_you_mean(name, list(relation.kinds))
                raise UnknownTable(f'"{relation.name}" has no column "{name}"', hint=hint)
        reader = Reader(
            database=self._database,
            terms=self._terms,
            relation=relation,
            wanted=request.columns or tuple(relation.kinds),
            limits=Limits(request.since, request.until, self._settled(relation)),
            page_rows=self._config.page_rows,
        )
        return reader.pages(Place.of(request.cursor))

    def count(self, stream: Stream, days: Sequence[date]) -> Mapping[date, int] | None:
        relation = self._relation(stream.name)
        if relation.created is None:
            return None
        found: dict[date, int] = {}
        for start in range(0, len(days), DAYS_AT_ONCE):
            some = days[start : start + DAYS_AT_ONCE]
            with self._database.reading() as connection:
                counts = connection.execute(counts_of(relation, some, self._terms)).one()
            found |= dict(zip(some, counts, strict=True))
        return found

    def keys(self, stream: Stream) -> Generator[Sequence[Record], None, None]:
        relation = self._relation(stream.name)
        with self._database.reading() as connection:
            reading = connection.execution_options(yield_per=self._config.page_rows)
            with reading.execute(keys_of(relation)) as found:
                for rows in found.partitions():
                    yield [self._key(relation, row) for row in rows]

    def _key(self, relation: Relation, row: Sequence[Any]) -> Record:
        values = zip(relation.key, row, strict=True)
        return {name: plain(value, relation.kind(name), self._terms.zone) for name, value in values}

    def close(self) -> None:
        self._database.close()

    def _settled(self, relation: Relation) -> datetime | None:
        """Return the moment up to which no transaction will commit anything more."""
        settles = relation.cursor and relation.settle_seconds and self._terms.dialect.settles
        if not settles or relation.kinds[relation.cursor or ""] not in TIMES - {"day"}:
            return None
        return self._surroundings.now() - timedelta(seconds=relation.settle_seconds)

    def _relations(self) -> dict[str, Relation]:
        if self._known is None:
            with self._database.reading() as connection:
                found, self._without_key = relations(connection, self._config, self._terms.dialect)
            self._known = {relation.name: relation for relation in found}
        return self._known

    def _relation(self, name: str) -> Relation:
        known = self._relations()
        if name not in known:
            raise UnknownTable(f'there is no stream "{name}"', hint=did_you_mean(name, list(known)))
        return known[name]


def open_sql(config: SqlConfig, surroundings: Surroundings) -> SqlSource:
    """Return a source. Nothing is connected before the first question."""
    return SqlSource(config, surroundings)


SQL = Connector(
    name="sql",
    label="SQL database",
    summary="Tables and queries of PostgreSQL, TimescaleDB, MySQL, MariaDB or an SQLite file.",
    config=SqlConfig,
    open=open_sql,
)
