"""PostgreSQL, and what speaks like it (TimescaleDB: a hypertable is a table)."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from sightline.sources.driver import driver
from sightline.sources.sql.config import SqlConfig
from sightline.sources.sql.dialect import SECONDS_TO_CONNECT, Dialect, Failure, Spot

TLS = {"off": "disable", "required": "require", "verified": "verify-full"}
REFUSED = ("28", "42501")
LATER = ("08", "40", "53", "55P03", "57P", "58")
TOO_SLOW = "57014"


def connect(config: SqlConfig, spot: Spot) -> Any:
    """Return a connection to the checked address; the host's name is only compared with the certificate."""
    psycopg = driver("psycopg", label="PostgreSQL", extra="postgres")
    connection = psycopg.connect(
        host=config.host,
        hostaddr=spot.address,
        port=spot.port,
        dbname=config.database,
        user=config.user,
        password=config.password.get_secret_value() if config.password else "",
        passfile=os.devnull,  # the passwords of this machine's account are not this source's
        sslmode=TLS[config.tls],
        sslrootcert=spot.authority,
        gssencmode="disable",
        connect_timeout=SECONDS_TO_CONNECT,
        application_name="sightline",
        client_encoding="utf-8",
        prepare_threshold=None,  # poolers between us and the server know no prepared statements
    )
    for kind in ("date", "timestamp", "timestamptz"):
        connection.adapters.register_loader(kind, _lenient(psycopg, connection, kind))
    return connection


def _lenient(psycopg: Any, connection: Any, kind: str) -> Any:
    """Return a loader that gives the text of moments which Python has none for: infinity, and years before Christ."""
    known = connection.adapters.get_loader(connection.adapters.types[kind].oid, psycopg.pq.Format.TEXT)

    class Lenient(psycopg.adapt.Loader):  # type: ignore[misc] # the driver is there only at run time
        def __init__(self, oid: int, context: Any = None) -> None:
            super().__init__(oid, context)
            self._known = known(oid, context)

        def load(self, data: Any) -> Any:
            try:
                return self._known.load(data)
            except psycopg.DataError:
                return bytes(data).decode()

    return Lenient


def begin(config: SqlConfig) -> tuple[str, ...]:
    """Return the first statements of a transaction; local to it, so that poolers do no harm."""
    return (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        f"SET LOCAL statement_timeout = {config.statement_seconds * 1_000}",
        "SET LOCAL idle_in_transaction_session_timeout = 0",
        "SET LOCAL TimeZone = 'UTC'",
        "SET LOCAL DateStyle = 'ISO, YMD'",
        "SET LOCAL IntervalStyle = 'postgres'",
    )


def failure(error: BaseException) -> Failure:
    """Return what an error means, by its SQLSTATE; one without is a connection that failed."""
    state = getattr(error, "sqlstate", None)
    if state is None:
        return _without_state(error)
    if state == TOO_SLOW:
        return "too slow"
    if state.startswith(REFUSED):
        return "refused"
    return "later" if state.startswith(LATER) else "wrong"


def _without_state(error: BaseException) -> Failure:
    """While connecting libpq has only text; what it says of the password and of rules of access is stable."""
    text = str(error)
    if "password authentication failed" in text or "no pg_hba.conf entry" in text or "no password supplied" in text:
        return "refused"
    if "does not exist" in text or "SSL" in text or "certificate" in text:
        return "wrong"
    return "later" if type(error).__name__ in ("OperationalError", "InterfaceError", "ConnectionTimeout") else "wrong"


def _as_it_is(moment: datetime) -> datetime:
    return moment


POSTGRESQL = Dialect(
    name="postgresql",
    label="PostgreSQL",
    engine="postgresql+psycopg",
    grammar="postgres",
    driver="psycopg",
    extra="postgres",
    port=5432,
    connect=connect,
    begin=begin,
    version="SELECT current_setting('server_version')",
    failure=failure,
    streams=True,
    zoned=frozenset({1184}),
    zoneless=frozenset({1114}),
    days=frozenset({1082}),
    bound=_as_it_is,
)
