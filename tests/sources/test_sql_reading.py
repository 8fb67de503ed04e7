"""Tables and queries of a real PostgreSQL are read whole, in order, once, and go on where they stopped."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sql_database import NOW, Database, behind, records

from sightline.sources.base import ReadRequest
from sightline.sources.sql.query import NotOneQuery
from sightline.sources.sql.relation import NoKey, UnknownTable
from sightline.sources.sql.source import Unbounded

pytestmark = pytest.mark.req("PRG-1.1", "PRG-1.4", "PLT-2", "AUT-8.2")

TIED = """
CREATE TABLE tied AS
SELECT number AS id, timestamptz '2026-01-01 00:00Z' + (number / 1000) * interval '1 day' AS changed
FROM generate_series(1, 3000) AS number
"""


@pytest.fixture
def database() -> Database:
    return Database()


def test_rows_that_changed_at_the_same_moment_are_not_lost_between_pages(database: Database) -> None:
    database.run(TIED, "ALTER TABLE tied ADD PRIMARY KEY (id)")
    settings = {"tables": [{"name": "tied", "cursor": "changed"}], "page_rows": 70}
    pages = database.pages("tied", **settings)
    assert [record["id"] for record in records(pages)] == list(range(1, 3001))
    for number in (0, 7, 20):
        rest = database.pages("tied", behind(pages[number]), **settings)
        assert records(rest) == records(pages[number + 1 :])


def test_keys_of_several_columns_and_types_are_paged(database: Database) -> None:
    database.run(
        "CREATE TABLE parts (made date, code text, part uuid, PRIMARY KEY (made, code, part))",
        "INSERT INTO parts SELECT date '2026-01-01' + n % 3, 'c' || n % 4, gen_random_uuid() "
        "FROM generate_series(1, 90) n",
    )
    pages = database.pages("parts", page_rows=7)
    keys = [(record["made"], record["code"], record["part"]) for record in records(pages)]
    assert len(set(keys)) == 90
    rest = database.pages("parts", behind(pages[4]), page_rows=7)
    assert records(rest) == records(pages[5:])
    assert records(database.pages("parts", behind(pages[-1]))) == records(pages), "the whole table each time"


def test_rows_that_never_changed_are_read_every_time(database: Database) -> None:
    database.run(
        "CREATE TABLE leads (id int PRIMARY KEY, changed timestamptz)",
        "INSERT INTO leads SELECT n, CASE WHEN n % 2 = 0 THEN timestamptz '2026-02-01Z' END "
        "FROM generate_series(1, 12) n",
    )
    settings = {"tables": [{"name": "leads", "cursor": "changed"}], "page_rows": 4}
    first = database.pages("leads", **settings)
    assert sorted(record["id"] for record in records(first)) == list(range(1, 13))
    database.run("INSERT INTO leads VALUES (-1, NULL), (20, '2026-02-02Z')")
    second = database.pages("leads", behind(first[-1]), **settings)
    assert [record["id"] for record in records(second)] == [-1, 1, 3, 5, 7, 9, 11, 20]
    for number, page in enumerate(second[:-1], 1):
        resumed = database.pages("leads", behind(page), **settings)
        assert records(resumed) == records(second[number:]), f"after page {number}"


def test_young_rows_wait_until_no_older_ones_can_be_committed(database: Database) -> None:
    database.run(
        "CREATE TABLE leads (id int PRIMARY KEY, changed timestamptz)",
        "INSERT INTO leads VALUES (1, '2026-03-10 12:00Z'), (2, '2026-03-10 11:59Z')",
    )
    settings = {"tables": [{"name": "leads", "cursor": "changed", "settle_seconds": 30}]}
    first = database.pages("leads", **settings)
    assert [record["id"] for record in records(first)] == [2]
    database.run("INSERT INTO leads VALUES (3, '2026-03-10 11:59:55Z')")
    database.later(60)
    second = database.pages("leads", behind(first[-1]), **settings)
    assert [record["id"] for record in records(second)] == [3, 1]


def test_a_day_as_cursor_is_read_once_more(database: Database) -> None:
    database.run(
        "CREATE TABLE days (id int PRIMARY KEY, day date)",
        "INSERT INTO days VALUES (5, '2026-01-01'), (6, '2026-01-02')",
    )
    settings = {"tables": [{"name": "days", "cursor": "day"}]}
    first = database.pages("days", **settings)
    database.run("INSERT INTO days VALUES (1, '2026-01-02')")
    second = database.pages("days", behind(first[-1]), **settings)
    assert [record["id"] for record in records(second)] == [1, 6]


def test_days_are_counted_in_utc_whatever_the_column_says_of_zones(database: Database) -> None:
    database.run(
        "CREATE TABLE leads (id int PRIMARY KEY, zoned timestamptz, local timestamp, day date, gone timestamptz)",
        "INSERT INTO leads VALUES (1, '2026-01-01 23:30Z', '2026-01-02 00:30', '2026-01-01', NULL)",
        "INSERT INTO leads VALUES (2, '2026-01-02 00:30Z', '2026-01-02 01:30', '2026-01-02', NULL)",
        "INSERT INTO leads VALUES (3, '2026-01-02 00:30Z', '2026-01-02 01:30', '2026-01-02', '2026-02-01Z')",
    )
    days = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)]
    for column in ("zoned", "local", "day"):
        table = {"name": "leads", "created": column, "deleted": "gone"}
        with database.source(tables=[table], zone="Europe/Berlin") as source:
            [stream] = source.streams()
            assert source.count(stream, days) == dict(zip(days, (1, 1, 0), strict=True)), column
            assert [page.deleted for page in source.read(ReadRequest(stream))] == [["3"]]


def test_many_days_are_counted(database: Database) -> None:
    database.run(
        "CREATE TABLE leads (id int PRIMARY KEY, made timestamptz)",
        "INSERT INTO leads SELECT n, timestamptz '2026-01-01Z' + n * interval '12 hours' "
        "FROM generate_series(0, 399) n",
    )
    days = [date.fromordinal(date(2026, 1, 1).toordinal() + number) for number in range(200)]
    with database.source(tables=[{"name": "leads", "created": "made"}]) as source:
        assert source.count(source.streams()[0], days) == dict.fromkeys(days, 2)


def test_a_span_of_time_needs_a_column_that_tells_it(database: Database) -> None:
    database.run("CREATE TABLE leads (id int PRIMARY KEY, version int)", "INSERT INTO leads VALUES (1, 1)")
    with pytest.raises(Unbounded, match="created"):
        database.pages("leads", bounds={"since": NOW}, tables=[{"name": "leads", "cursor": "version"}])


def test_values_become_plain_and_lose_nothing(database: Database) -> None:
    database.run(
        """CREATE TABLE kinds AS SELECT 1 AS id, 12345678901234567890.120::numeric AS exact, 0.5::float8 AS half,
        'NaN'::float8 AS none, true AS yes, date '2026-01-02' AS day, time '10:00' AS clock,
        timestamp '2026-07-01 10:00' AS local, timestamptz '2026-07-01 10:00+02' AS moment,
        interval '90 minutes' AS span,
        '\\x00ff'::bytea AS raw, '6f1b1a52-7a3b-4f43-9a04-1d7d6f6a0001'::uuid AS own, ARRAY[1, 2] AS list,
        ARRAY[1.50, 2]::numeric[] AS exacts, '{"a": {"b": [1]}}'::jsonb AS document, 'infinity'::timestamptz AS never,
        '127.0.0.1'::inet AS address, NULL::text AS nothing""",
    )
    tables = [{"name": "kinds", "key": ["id"]}]
    [record] = records(database.pages("kinds", tables=tables, zone="Europe/Berlin"))
    assert record == {
        "id": 1,
        "exact": "12345678901234567890.120",
        "half": 0.5,
        "none": "nan",
        "yes": True,
        "day": "2026-01-02",
        "clock": "10:00:00",
        "local": "2026-07-01T10:00:00+02:00",
        "moment": "2026-07-01T08:00:00+00:00",
        "span": "PT5400S",
        "raw": "00ff",
        "own": "6f1b1a52-7a3b-4f43-9a04-1d7d6f6a0001",
        "list": [1, 2],
        "exacts": ["1.50", "2"],
        "document": '{"a": {"b": [1]}}',
        "never": "infinity",
        "address": "127.0.0.1",
        "nothing": None,
    }


def test_a_query_is_read_like_a_table(database: Database) -> None:
    database.run(
        "CREATE TABLE leads (id int PRIMARY KEY, name text, made timestamptz)",
        "INSERT INTO leads SELECT n, 'n:x' || n, timestamptz '2026-01-01Z' + n * interval '1 hour' "
        "FROM generate_series(1, 30) n",
    )
    text = """
        WITH chosen AS (SELECT * FROM leads WHERE name LIKE 'n:x%' AND id::int > 3)
        SELECT id, name || ' :y 100%' AS "The name", made FROM chosen -- all of them;
    """
    query = {"name": "chosen", "sql": text, "key": ["id"], "cursor": "made", "created": "made"}
    pages = database.pages("chosen", queries=[query], page_rows=10)
    assert [record["id"] for record in records(pages)] == list(range(4, 31))
    assert records(pages)[0] == {"id": 4, "The name": "n:x4 :y 100%", "made": "2026-01-01T04:00:00+00:00"}
    rest = database.pages("chosen", behind(pages[0]), queries=[query], page_rows=10)
    assert records(rest) == records(pages[1:])
    bounds = {"since": datetime(2026, 1, 1, 6, tzinfo=UTC), "until": datetime(2026, 1, 1, 8, tzinfo=UTC)}
    assert [record["id"] for record in records(database.pages("chosen", bounds=bounds, queries=[query]))] == [6, 7]


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM leads",
        "SELECT 1 AS id; DROP TABLE leads",
        "WITH gone AS (DELETE FROM leads RETURNING id) SELECT id FROM gone",
        "SELECT id INTO copied FROM leads",
        "SELECT id FROM leads FOR UPDATE",
        "not a query (",
        "SET statement_timeout = 0",
        "",
    ],
)
def test_only_one_select_is_taken(database: Database, text: str) -> None:
    with pytest.raises((NotOneQuery, ValueError), match=r"SELECT|understood|only read|at least"):
        database.pages("x", queries=[{"name": "x", "sql": text, "key": ["id"]}])


def test_views_are_read_when_their_key_is_named(database: Database) -> None:
    database.run("CREATE VIEW seen AS SELECT 1 AS id, 'a' AS name")
    assert records(database.pages("seen", tables=[{"name": "seen", "key": ["id"]}])) == [{"id": 1, "name": "a"}]


def test_without_named_tables_all_with_a_primary_key_are_offered(database: Database) -> None:
    database.run(
        "CREATE TABLE b (id int PRIMARY KEY)",
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE loose (id int)",
        "CREATE SCHEMA other",
        'CREATE TABLE other."Odd name" ("The key" int PRIMARY KEY)',
        'INSERT INTO other."Odd name" VALUES (1)',
    )
    with database.source() as source:
        assert [stream.name for stream in source.streams()] == ["a", "b"]
        assert "loose" in source.check().details.values()
    assert records(database.pages("Odd name", database_schema="other")) == [{"The key": 1}]


def test_what_the_settings_name_must_be_there(database: Database) -> None:
    database.run(
        "CREATE TABLE leads (id int PRIMARY KEY)", "CREATE TABLE loose (id int)", "INSERT INTO loose VALUES (NULL)"
    )
    with pytest.raises(UnknownTable, match='did you mean "leads"'):
        database.pages("x", tables=[{"name": "lead"}])
    with pytest.raises(UnknownTable, match='no column "changed"'):
        database.pages("x", tables=[{"name": "leads", "cursor": "changed"}])
    with pytest.raises(NoKey, match="no primary key"):
        database.pages("x", tables=[{"name": "loose"}])
    with pytest.raises(NoKey, match='has no "id"'):
        database.pages("loose", tables=[{"name": "loose", "key": ["id"]}])
