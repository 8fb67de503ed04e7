"""MySQL without a server: how a connection is made, what its statements look like, and what its errors mean."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pymysql
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql
from utc_clock import utc_now

from sightline.sources.base import SourceUnavailable, Surroundings
from sightline.sources.sql.config import SqlConfig
from sightline.sources.sql.dialect import Spot
from sightline.sources.sql.mysql import MYSQL, begin, connect, tls
from sightline.sources.sql.place import Place
from sightline.sources.sql.relation import Relation
from sightline.sources.sql.source import SQL
from sightline.sources.sql.statement import Limits, Terms, counts_of, page_of

pytestmark = pytest.mark.req("PRG-1.1", "PLT-2")

TERMS = Terms(MYSQL, ZoneInfo("Europe/Berlin"))


def config(**more: Any) -> SqlConfig:
    place = {"dialect": "mysql", "host": "db.example.com", "database": "crm", "user": "reader", "password": "s3cret"}
    return SqlConfig.model_validate({**place, **more})


def relation() -> Relation:
    rows = sa.table("leads", sa.column("id"), sa.column("part"), sa.column("changed"), sa.column("made"))
    kinds: dict[str, Any] = {"id": "other", "part": "other", "changed": "zoned", "made": "zoneless"}
    return Relation("leads", rows, ("id", "part"), kinds, cursor="changed", created="made")


def compiled(statement: sa.Select[Any]) -> tuple[str, list[Any]]:
    found = statement.compile(dialect=MySQLDialect_pymysql(paramstyle="format"))
    return " ".join(str(found).split()), [found.params[name] for name in found.positiontup or ()]


def test_a_page_is_a_range_of_the_index_with_bound_values() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 6)  # noqa: DTZ001 - as the driver gives it
    text, values = compiled(page_of(relation(), ["id"], Place(at=(moment, 7, "b")), Limits(), TERMS).limit(100))
    assert text == (
        "SELECT leads.id FROM leads WHERE leads.changed IS NOT NULL AND leads.changed >= %s AND (leads.changed > %s OR "
        "leads.changed = %s AND leads.id >= %s AND (leads.id > %s OR leads.id = %s AND leads.part > %s)) "
        "ORDER BY leads.changed, leads.id, leads.part LIMIT %s"
    )
    assert values == [moment, moment, moment, 7, 7, 7, "b", 100]


def test_moments_are_told_in_the_terms_of_their_column() -> None:
    until = datetime(2026, 7, 1, 10, tzinfo=UTC)
    _, values = compiled(page_of(relation(), ["id"], Place(), Limits(until=until, settled=until), TERMS))
    assert values == [datetime(2026, 7, 1, 12), datetime(2026, 7, 1, 10)]  # noqa: DTZ001 - without zone, UTC
    text, values = compiled(counts_of(relation(), [date(2026, 7, 1)], TERMS))
    assert "count(CASE WHEN (leads.made >= %s AND leads.made < %s) THEN 1 END)" in text
    assert values[:2] == [datetime(2026, 7, 1, 2), datetime(2026, 7, 2, 2)]  # noqa: DTZ001 - Berlin's time


def test_a_transaction_reads_only_and_ends_slow_statements() -> None:
    text = "; ".join(begin(config(statement_seconds=9)))
    assert "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY" in text
    assert "max_execution_time = 9000" in text
    assert "max_statement_time = 9" in text
    assert "time_zone = '+00:00'" in text


def test_the_certificate_is_compared_with_the_name_though_the_address_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: dict[str, Any] = {}

    class Connection:
        def __init__(self, **options: Any) -> None:
            made.update(options)

        def connect(self, reached: object) -> None:
            made["reached"] = reached

    monkeypatch.setattr(pymysql, "connect", Connection)
    monkeypatch.setattr(socket, "create_connection", lambda place, _: place)
    connect(config(tls="verified"), Spot("93.184.215.14", 3306))
    assert made["reached"] == ("93.184.215.14", 3306)
    assert made["host"] == "db.example.com"
    assert made["ssl"].check_hostname
    assert made["ssl"].verify_mode is ssl.CERT_REQUIRED
    assert not made["local_infile"]


def test_tls_can_be_unverified_or_off() -> None:
    unverified = tls(config(), Spot())
    assert unverified is not None
    assert unverified.verify_mode is ssl.CERT_NONE
    assert tls(config(tls="off"), Spot()) is None


@pytest.mark.parametrize(
    ("number", "meaning"),
    [
        (1045, "refused"),
        (1142, "refused"),
        (2013, "later"),
        (1205, "later"),
        (3024, "too slow"),
        (1969, "too slow"),
        (1064, "wrong"),
    ],
)
def test_errors_are_told_by_their_number(number: int, meaning: str) -> None:
    assert MYSQL.failure(pymysql.err.OperationalError(number, "x")) == meaning


def test_a_server_that_does_not_answer_may_answer_later() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    source = SQL.open(config(host="127.0.0.1", port=port), Surroundings(now=utc_now, allow_private=True))
    with pytest.raises(SourceUnavailable, match=r"MySQL 127\.0\.0\.1/crm") as caught:
        source.check()
    assert "s3cret" not in f"{caught.value!r} {caught.value}"
