"""Cases of the SQL connector: the same table in SQLite and in PostgreSQL."""

from __future__ import annotations

import atexit
import functools
import itertools
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from behaviour import Case, Clock, Key, World

from postgres_server import PASSWORD, USER, PostgresServer, _programs, running_server
from sightline.sources.sql.source import SQL

PAGE = 5
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
TABLE = """
CREATE TABLE leads (
    id integer PRIMARY KEY, name text, budget numeric(10, 2), made {moment}, changed {moment} NOT NULL, gone boolean
)
"""
DATABASES = itertools.count(1)


class LeadWorld(World):
    """A table of leads, several of which changed at the same moment."""

    stream = "leads"
    page = PAGE
    moment: str

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.made: dict[int, datetime] = {}
        self.execute(TABLE.format(moment=self.moment))
        for number in range(1, 18):
            self.add(number, START + timedelta(hours=7 * (number // 4)))

    def execute(self, statement: str, *values: object) -> None:
        raise NotImplementedError

    def stored(self, moment: datetime) -> object:
        return moment

    def settings(self, **more: Any) -> dict[str, Any]:
        table = {"name": "leads", "cursor": "changed", "created": "made", "deleted": "gone"}
        return {"tables": [table], "page_rows": PAGE, **more}

    def add(self, number: int, moment: datetime) -> None:
        self.made[number] = moment
        self.execute(
            "INSERT INTO leads (id, name, budget, made, changed) VALUES (?, ?, 12.5, ?, ?)",
            number,
            f"Lead {number}",
            self.stored(moment),
            self.stored(moment),
        )

    def keys(self) -> set[Key]:
        return {(str(number),) for number in self.made}

    def change(self, number: int) -> set[Key]:
        moment = self.clock.tick()
        chosen = sorted(self.made)[: number - 1]
        for each in chosen:
            self.execute("UPDATE leads SET name = 'changed', changed = ? WHERE id = ?", self.stored(moment), each)
        new = max(self.made) + 1
        self.add(new, moment)
        self.clock.tick()  # longer than rows take to settle
        return {(str(each),) for each in (*chosen, new)}

    def moments(self) -> Mapping[Key, datetime]:
        return {(str(number),): moment for number, moment in self.made.items()}

    def remove(self) -> Key:
        number = min(self.made)
        self.execute("UPDATE leads SET gone = true, changed = ? WHERE id = ?", self.stored(self.clock.tick()), number)
        self.clock.tick()
        del self.made[number]
        return (str(number),)

    def add_column(self) -> str:
        self.execute("ALTER TABLE leads ADD COLUMN phone text DEFAULT '+49 30 1'")
        return "phone"

    def drop_column(self) -> str:
        self.execute("ALTER TABLE leads DROP COLUMN name")
        return "name"


class SqliteWorld(LeadWorld):
    """A file."""

    moment = "datetime"

    def __init__(self, clock: Clock, folder: Path) -> None:
        self.file = folder / "crm.db"
        self.folders = (folder,)
        super().__init__(clock)
        self.config = self.settings(dialect="sqlite", database=str(self.file))

    def stored(self, moment: datetime) -> object:
        return moment.isoformat(" ", "microseconds")[:-6]

    def execute(self, statement: str, *values: object) -> None:
        connection = sqlite3.connect(self.file)
        connection.execute(statement, values)
        connection.commit()
        connection.close()


class PostgresWorld(LeadWorld):
    """A real server."""

    moment = "timestamptz"
    secrets = (PASSWORD,)

    def __init__(self, clock: Clock, server: PostgresServer) -> None:
        database = f"behaviour_{next(DATABASES)}"
        self.address = server.create(database)
        super().__init__(clock)
        self.config = self.settings(**settings_of(server, database))
        self.wrong = {**self.config, "password": "not the password"}

    def execute(self, statement: str, *values: object) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(statement.replace("?", "%s").encode(), values)


def settings_of(server: PostgresServer, database: str) -> dict[str, Any]:
    """Return the settings that reach a database of a server."""
    place = {"dialect": "postgresql", "host": "127.0.0.1", "port": server.port, "database": database}
    return {**place, "user": USER, "password": PASSWORD, "tls": "off"}


@functools.cache
def shared_server() -> PostgresServer:
    """Return a server that runs until the tests of this process end; skip where there is none."""
    programs = _programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL")
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(running_server(programs))


@contextmanager
def _sqlite(folder: Path, clock: Clock) -> Iterator[World]:
    yield SqliteWorld(clock, folder)


@contextmanager
def _postgresql(_: Path, clock: Clock) -> Iterator[World]:
    yield PostgresWorld(clock, shared_server())


NOT_HTTP = {
    "merge": "a table does not tell of merges",
    "renewal": "a password does not expire",
    "faults": "not HTTP; test_sql_errors.py makes the database fail",
}
CASES = (
    Case("sql: SQLite", SQL, _sqlite, {**NOT_HTTP, "credentials": "a file has none", "network": "a file"}),
    Case("sql: PostgreSQL", SQL, _postgresql, NOT_HTTP),
)
