"""With `deletes: compare` rows that a database deleted for good go here too: no others, and never too many."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pytest_django import Settings

from postgres_server import PASSWORD, USER, PostgresServer, postgres
from sightline.accounts.access import Access
from sightline.home import WorkspaceFolder
from sightline.ingest.actions.import_file import import_file
from sightline.ingest.actions.save_source import save_source
from sightline.ingest.models import Source, SyncRun
from sightline.ingest.spec import spec_from
from sightline.ingest.sync.run import carry_out
from sightline.ingest.sync.schedule import queue_run
from sightline.sources.base import Record, SourceUnavailable
from sightline.sources.sql.source import SqlSource
from toy_source import Toy

__all__ = ["postgres"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-1.1", "PRG-1.4")]
Read = Callable[..., list[dict[str, Any]]]
Clock = Callable[[], Any]
TABLES = (
    "CREATE TABLE contacts (id integer PRIMARY KEY, program text, created text, changed integer, gone integer)",
    "CREATE TABLE stages (contact integer, stage text, at text, PRIMARY KEY (contact, stage))",
)


class Crm:
    """A database with contacts and their stages, and the source that reads it."""

    def __init__(self, execute: Callable[[str], None], config: dict[str, Any], secrets: dict[str, str]) -> None:
        self.execute, self.config, self.secrets = execute, config, secrets
        for statement in TABLES:
            execute(statement)
        self.add(range(1, 101))

    def add(self, numbers: Sequence[int]) -> None:
        rows = ", ".join(f"({number}, 'p1', '2026-02-01T10:00:00Z', {number}, NULL)" for number in numbers)
        self.execute("INSERT INTO contacts VALUES " + rows)  # noqa: S608 - the test's own
        stages = ", ".join(f"({number}, 'new', '2026-02-01T10:00:00Z')" for number in numbers)
        self.execute("INSERT INTO stages VALUES " + stages)  # noqa: S608 - the test's own

    def drop(self, condition: str) -> None:
        self.execute("DELETE FROM contacts WHERE " + condition)  # noqa: S608 - the test's own
        self.execute("DELETE FROM stages WHERE contact NOT IN (SELECT id FROM contacts)")

    def spec(self, *, cursor: bool = False, **stream: Any) -> dict[str, Any]:
        contacts = {"name": "contacts", "deleted": "gone", **({"cursor": "changed"} if cursor else {})}
        columns = {"lead_id": "id", "program_id": "program", "created_at": "created"}
        return {
            "source": "crm",
            "type": "sql",
            "private_network": self.config["dialect"] != "sqlite",
            "config": {**self.config, "page_rows": 7, "tables": [contacts, {"name": "stages"}]},
            "streams": {
                "contacts": {"dataset": "leads", "map": {"columns": columns}, "deletes": "compare", **stream},
                "stages": {"dataset": "lead_stages", "map": {"columns": {"lead_id": "contact"}}},
            },
        }


@pytest.fixture
def sqlite(folder: WorkspaceFolder) -> Crm:
    file = folder.path / "files" / "crm.sqlite3"
    file.parent.mkdir(exist_ok=True)

    def execute(statement: str) -> None:
        with closing(sqlite3.connect(file)) as database, database:
            database.execute(statement)

    return Crm(execute, {"dialect": "sqlite", "database": "crm.sqlite3"}, {})


@pytest.fixture
def postgresql(postgres: PostgresServer, tmp_path: Path) -> Crm:
    name = "".join(character for character in tmp_path.name if character.isalnum()).lower()[-40:]
    address = postgres.create(f"gone_{name}")

    def execute(statement: str) -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    config = {"dialect": "postgresql", "host": "127.0.0.1", "port": postgres.port, "database": f"gone_{name}"}
    return Crm(execute, {**config, "user": USER, "tls": "off"}, {"password": PASSWORD})


@pytest.fixture(params=["sqlite", "postgresql"])
def crm(request: pytest.FixtureRequest, settings: Settings) -> Crm:
    settings.SIGHTLINE = settings.SIGHTLINE.model_copy(update={"private_sources": True})
    made: Crm = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def sync(folder: WorkspaceFolder, access: Access, clock: Clock) -> Callable[[dict[str, Any], dict[str, str]], SyncRun]:
    """Return a function that sets the source up so and reads it once."""

    def run(spec: dict[str, Any], secrets: dict[str, str]) -> SyncRun:
        source = save_source(access=access, spec=spec_from(spec), secrets=secrets, now=clock())
        queued = queue_run(source, trigger="person", by="tester", now=clock())
        done = carry_out(queued.pk, folder=folder, worker="w", clock=clock)
        assert done is not None
        return done

    return run


Sync = Callable[[dict[str, Any], dict[str, str]], SyncRun]


def ids(read: Read, dataset: str = "leads") -> set[int]:
    return {int(row["lead_id"]) for row in read(dataset)}


@pytest.mark.parametrize("cursor", [False, True], ids=["read whole", "with a cursor"])
def test_rows_that_are_gone_go_here_with_what_belongs_to_them(crm: Crm, sync: Sync, read: Read, cursor: bool) -> None:
    assert sync(crm.spec(cursor=cursor), crm.secrets).state == "done"
    assert ids(read) == set(range(1, 101))
    crm.drop("id % 10 = 3 AND id < 60")
    crm.execute("UPDATE contacts SET gone = 1, changed = 1000 WHERE id = 77")
    crm.add(range(201, 204))
    done = sync(crm.spec(cursor=cursor), crm.secrets)
    assert (done.state, done.problem) == ("done", "")
    expected = (set(range(1, 101)) | {201, 202, 203}) - {3, 13, 23, 33, 43, 53, 77}
    assert ids(read) == expected
    assert ids(read, "lead_stages") == expected | {77}  # the table of stages has it still
    assert done.streams["contacts"]["removed"] == 7
    assert sync(crm.spec(cursor=cursor), crm.secrets).streams["contacts"]["removed"] == int(not cursor)


def test_without_being_asked_rows_that_are_gone_stay(crm: Crm, sync: Sync, read: Read) -> None:
    for deletes in ("remove", "keep"):
        sync(crm.spec(deletes=deletes), crm.secrets)
        crm.drop("id <= 5")
        assert sync(crm.spec(deletes=deletes), crm.secrets).state == "done"
        assert ids(read) == set(range(1, 101))


def test_when_more_is_gone_than_allowed_nothing_goes_and_the_sync_says_so(crm: Crm, sync: Sync, read: Read) -> None:
    sync(crm.spec(), crm.secrets)
    crm.drop("id <= 30")
    done = sync(crm.spec(), crm.secrets)
    assert done.state == "partial"
    assert '30 of 100 rows of stream "contacts" are gone from the source, more than 20 %' in done.problem
    assert ids(read) == set(range(1, 101))
    assert sync(crm.spec(deletes_at_most=30), crm.secrets).state == "done"
    assert ids(read) == set(range(31, 101))


def test_a_table_that_is_empty_all_at_once_removes_nothing(crm: Crm, sync: Sync, read: Read) -> None:
    sync(crm.spec(), crm.secrets)
    crm.execute("DELETE FROM contacts")
    done = sync(crm.spec(deletes_at_most=100), crm.secrets)
    assert "has no rows at all, 100 are here; none was removed" in done.problem
    assert ids(read) == set(range(1, 101))


def test_keys_that_cannot_be_read_to_the_end_remove_nothing(
    crm: Crm, sync: Sync, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(crm.spec(), crm.secrets)
    whole = SqlSource.keys

    def broken(self: SqlSource, stream: Any) -> Generator[Sequence[Record], None, None]:
        with closing(whole(self, stream)) as pages:
            yield next(pages)
        raise SourceUnavailable("the connection broke")

    monkeypatch.setattr(SqlSource, "keys", broken)
    done = sync(crm.spec(deletes_at_most=100), crm.secrets)
    assert "the connection broke" in done.problem
    assert ids(read) == set(range(1, 101))


def test_rows_that_came_another_way_stay(
    sqlite: Crm, sync: Sync, read: Read, folder: WorkspaceFolder, tmp_path: Path, clock: Clock
) -> None:
    sync(sqlite.spec(), {})
    file = tmp_path / "leads.csv"
    file.write_text("lead_id,program_id,created_at\n5,p9,2026-02-02\n900,p1,2026-02-02\n")
    import_file(folder=folder, dataset="leads", path=file, now=clock(), by="t")
    sqlite.drop("id IN (4, 5, 6)")
    sync(sqlite.spec(), {})
    assert ids(read) == (set(range(1, 101)) | {900}) - {4, 6}  # 5 was last written by the file


def test_a_key_is_compared_as_it_is_stored(sqlite: Crm, sync: Sync, read: Read) -> None:
    """Trimmed, and replaced as the map says: else every row would count as gone."""
    sqlite.execute("CREATE TABLE people (code text PRIMARY KEY, program text, created text)")
    for code in (" 7 ", "a", "9"):
        sqlite.execute(f"INSERT INTO people VALUES ('{code}', 'p1', '2026-02-01')")  # noqa: S608 - the test's own
    spec = sqlite.spec()
    spec["config"]["tables"] = [{"name": "people"}]
    columns = {"lead_id": "code", "program_id": "program", "created_at": "created"}
    mapping = {"columns": columns, "values": {"lead_id": {"a": "8"}}}
    spec["streams"] = {"people": {"dataset": "leads", "map": mapping, "deletes": "compare"}}
    sync(spec, {})
    assert ids(read) == {7, 8, 9}
    sqlite.execute("DELETE FROM people WHERE code = '9'")
    assert sync(spec, {}).state == "done"
    assert ids(read) == {7, 8}


def test_streams_whose_keys_cannot_be_compared_say_so(sqlite: Crm, sync: Sync, read: Read) -> None:
    spec = sqlite.spec()
    spec["streams"]["stages"]["deletes"] = "compare"
    done = sync(spec, {})
    assert done.state == "partial"
    assert 'keys of stream "stages" cannot be compared: its key (contact, stage) must be one column' in done.problem
    assert ids(read, "lead_stages") == set(range(1, 101))


def test_a_source_that_cannot_list_its_keys_says_so(toy: Toy, source: Source, sync: Sync, read: Read) -> None:
    spec = {**source.spec, "streams": {"contacts": {**source.spec["streams"]["contacts"], "deletes": "compare"}}}
    done = sync(spec, {})
    assert 'a source of type "toy" cannot list the keys it has' in done.problem
    assert len(read()) == 7
