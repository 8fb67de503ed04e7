"""A database that refuses, fails or is slow: what it said, whether later helps, and never a write."""

from __future__ import annotations

import importlib
import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sql_database import Database, records
from utc_clock import utc_now

from sightline.sources.address import PrivateAddress
from sightline.sources.base import ReadRequest, SourceRefused, SourceUnavailable, Surroundings
from sightline.sources.driver import MissingDriver
from sightline.sources.folders import OutsideFolders
from sightline.sources.sql.config import SqlConfig
from sightline.sources.sql.connection import DatabaseRefusal, TooSlow
from sightline.sources.sql.source import SQL

pytestmark = pytest.mark.req("PRG-1.1", "PLT-2")


@pytest.fixture
def database() -> Database:
    found = Database()
    found.run(
        "CREATE TABLE leads (id int PRIMARY KEY)", "INSERT INTO leads VALUES (1), (2), (3)", "CREATE SEQUENCE own"
    )
    return found


def query(text: str) -> dict[str, Any]:
    return {"queries": [{"name": "own", "sql": text, "key": ["id"]}]}


def test_nothing_can_be_written_not_even_by_a_function(database: Database) -> None:
    with pytest.raises(DatabaseRefusal, match="read-only transaction"):
        database.pages("own", **query("SELECT nextval('own') AS id"))
    switched = "SELECT 1 AS id, set_config('transaction_read_only', 'off', false)"
    with pytest.raises(DatabaseRefusal, match="read-write mode"):
        database.pages("own", **query(switched))


def test_a_statement_that_takes_too_long_is_ended(database: Database) -> None:
    with pytest.raises(TooSlow, match="1 seconds"):
        database.pages("own", statement_seconds=1, **query("SELECT 1 AS id FROM pg_sleep(20)"))


def test_a_wrong_password_is_refused_and_not_shown(database: Database) -> None:
    with pytest.raises(SourceRefused) as caught, database.source(password="0ther-s3cret") as source:
        source.check()
    assert "0ther-s3cret" not in f"{caught.value} {caught.value!r} {caught.value.__cause__}"


def test_a_user_who_may_not_read_is_refused(database: Database) -> None:
    user = f"stranger_{database.name}"
    database.run(f"CREATE ROLE {user} LOGIN PASSWORD 'x'")
    with pytest.raises(SourceRefused, match="permission denied"):
        database.pages("leads", user=user, password="x")


def test_a_database_that_is_not_there_is_told(database: Database) -> None:
    with pytest.raises(DatabaseRefusal, match="does not exist"), database.source(database="nowhere") as source:
        source.check()


def test_a_server_that_does_not_answer_may_answer_later(database: Database) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(SourceUnavailable), database.source(port=port) as source:
        source.check()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the driver's, for the lost cursor
def test_a_connection_that_breaks_while_reading_may_be_taken_up_later(database: Database) -> None:
    with database.source(page_rows=1) as source:
        reading = source.read(ReadRequest(source.streams()[0]))
        first = next(reading)
        database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sightline'")
        with pytest.raises(SourceUnavailable):
            list(reading)
    assert [record["id"] for record in records(database.pages("leads", first.cursor))] == [2, 3]


def test_a_server_without_tls_is_not_spoken_to_unless_allowed(database: Database) -> None:
    with pytest.raises(DatabaseRefusal, match="tls: off"), database.source(tls="required") as source:
        source.check()


def test_private_addresses_need_an_admin(database: Database) -> None:
    with pytest.raises(PrivateAddress), database.source(allow_private=False) as source:
        source.check()


def test_the_checked_address_is_the_one_connected_to(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody but our check resolves the name, so it cannot mean another address a moment later."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with database.source(host="db.example.invalid") as source:
        assert "db.example.invalid" in source.check().reached


@pytest.mark.parametrize("host", ["/var/run/postgresql", "a,b", "a b", "host=x"])
def test_a_host_is_one_name_or_address(database: Database, host: str) -> None:
    with pytest.raises(ValueError, match="host"), database.source(host=host):
        pass


def test_a_database_name_is_no_way_to_another_server(database: Database) -> None:
    with pytest.raises(DatabaseRefusal, match="does not exist"), database.source(database="host=10.0.0.1") as source:
        source.check()


@pytest.mark.parametrize(("dialect", "extra"), [("postgresql", "postgres"), ("mysql", "mysql")])
def test_a_missing_driver_names_what_to_install(dialect: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    place = {"dialect": dialect, "host": "db.example.com", "user": "me", "database": "crm"}
    config = SqlConfig.model_validate(place)
    with pytest.raises(MissingDriver, match=rf"pip install 'sightline\[{extra}\]'"):
        SQL.open(config, Surroundings(now=utc_now))


def test_an_sqlite_file_lies_below_an_allowed_folder(tmp_path: Path) -> None:
    allowed, outside = tmp_path / "allowed", tmp_path / "outside"
    allowed.mkdir()
    outside.mkdir()
    (outside / "x.db").touch()
    (allowed / "link.db").symlink_to(outside / "x.db")
    for path in (outside / "x.db", allowed / "link.db", Path("../outside/x.db")):
        source = SQL.open(
            SqlConfig(dialect="sqlite", database=str(path)), Surroundings(now=utc_now, folders=(allowed,))
        )
        with pytest.raises(OutsideFolders):
            source.check()
    missing = SQL.open(SqlConfig(dialect="sqlite", database="none.db"), Surroundings(now=utc_now, folders=(allowed,)))
    with pytest.raises(DatabaseRefusal, match="no file"):
        missing.check()
    assert not (allowed / "none.db").exists()


def test_what_is_no_sqlite_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no database, but long enough to be looked at " * 50)
    source = SQL.open(SqlConfig(dialect="sqlite", database="x.db"), Surroundings(now=utc_now, folders=(tmp_path,)))
    with pytest.raises(DatabaseRefusal, match="not a database"):
        source.streams()


def test_an_sqlite_statement_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "x.db").execute("CREATE TABLE leads (id integer PRIMARY KEY)").connection.close()
    endless = "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id FROM n WHERE id < 0"
    settings = {"dialect": "sqlite", "database": "x.db", "statement_seconds": 1, **query(endless)}
    source = SQL.open(SqlConfig.model_validate(settings), Surroundings(now=utc_now, folders=(tmp_path,)))
    with pytest.raises(TooSlow):
        list(source.read(ReadRequest(source.streams()[0])))
