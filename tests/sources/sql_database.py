"""A database of the shared PostgreSQL server for tests of the SQL connector."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from behaviour import stored
from cases.sql import settings_of, shared_server

from sightline.sources.base import Cursor, Page, ReadRequest, Source, Surroundings
from sightline.sources.sql.config import SqlConfig
from sightline.sources.sql.source import SQL

NUMBERS = itertools.count(1)
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


class Database:
    """An empty database, and sources that read it."""

    def __init__(self) -> None:
        server = shared_server()
        self.name = f"sql_{next(NUMBERS)}"
        self.address = server.create(self.name)
        self.settings = settings_of(server, self.name)
        self.now = NOW

    def run(self, *statements: str) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    @contextmanager
    def source(self, *, allow_private: bool = True, **settings: Any) -> Iterator[Source]:
        """Open a source while inside."""
        config = SqlConfig.model_validate({**self.settings, **settings})
        source = SQL.open(config, Surroundings(allow_private=allow_private, now=lambda: self.now))
        try:
            yield source
        finally:
            source.close()

    def pages(self, name: str, cursor: Any = None, bounds: Any = None, **settings: Any) -> list[Page]:
        """Return all pages of a stream."""
        with self.source(**settings) as source:
            [stream] = [each for each in source.streams() if each.name == name]
            return list(source.read(ReadRequest(stream, cursor=cursor, **(bounds or {}))))

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def records(pages: list[Page]) -> list[dict[str, Any]]:
    return [dict(record) for page in pages for record in page.records]


def behind(page: Page) -> Cursor:
    """Return a page's cursor as it comes back from the database."""
    assert page.cursor is not None
    return stored(page.cursor)
