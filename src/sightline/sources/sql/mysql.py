"""MySQL and MariaDB."""

from __future__ import annotations

import socket
import ssl
from typing import Any

from sightline.sources.driver import driver
from sightline.sources.sql.config import SqlConfig
from sightline.sources.sql.dialect import SECONDS_TO_CONNECT, Dialect, Failure, Spot

REFUSED = frozenset({1044, 1045, 1142, 1143, 1227, 1370, 1698, 3118, 3159})
LATER = frozenset({1040, 1041, 1053, 1203, 1205, 1213, 1226, 2002, 2003, 2006, 2013, 2014, 2055})
TOO_SLOW = frozenset({1317, 1969, 3024})
TIMESTAMP, DATETIME, DATE, NEWDATE = 7, 12, 10, 14


def connect(config: SqlConfig, spot: Spot) -> Any:
    """Return a connection over a socket to the checked address; the certificate is compared with the host's name."""
    pymysql = driver("pymysql", label="MySQL", extra="mysql")
    connection = pymysql.connect(
        host=config.host,
        port=spot.port,
        user=config.user,
        password=config.password.get_secret_value() if config.password else "",
        database=config.database,
        charset="utf8mb4",
        read_timeout=config.statement_seconds + 60,
        ssl=tls(config, spot),
        ssl_disabled=config.tls == "off",
        local_infile=False,
        defer_connect=True,
        program_name="sightline",
    )
    try:
        reached = socket.create_connection((spot.address, spot.port), SECONDS_TO_CONNECT)
    except OSError as error:
        raise pymysql.err.OperationalError(2003, f"cannot connect to {config.host}: {error}") from error
    connection.connect(reached)
    return connection


def tls(config: SqlConfig, spot: Spot) -> ssl.SSLContext | None:
    """Return how the connection is encrypted."""
    if config.tls == "off":
        return None
    context = ssl.create_default_context(cafile=spot.authority)
    if config.tls != "verified":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def begin(config: SqlConfig) -> tuple[str, ...]:
    """Return the first statements of a transaction. The limit's name differs between MySQL and MariaDB, so each stands
    in a comment that only the one reads."""
    mysql = f"/*!50708 , SESSION max_execution_time = {config.statement_seconds * 1_000} */"
    mariadb = f"/*M!100101 , SESSION max_statement_time = {config.statement_seconds} */"
    return (
        f"SET SESSION time_zone = '+00:00' {mysql} {mariadb}",
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    )


def failure(error: BaseException) -> Failure:
    """Return what an error means, by its number."""
    number = error.args[0] if error.args else None
    if number in REFUSED:
        return "refused"
    if number in TOO_SLOW:
        return "too slow"
    return "later" if number in LATER or isinstance(error, OSError) else "wrong"


MYSQL = Dialect(
    name="mysql",
    label="MySQL",
    engine="mysql+pymysql",
    grammar="mysql",
    driver="pymysql",
    extra="mysql",
    port=3306,
    connect=connect,
    begin=begin,
    version="SELECT version()",
    failure=failure,
    zoned=frozenset({TIMESTAMP}),
    zoneless=frozenset({DATETIME}),
    days=frozenset({DATE, NEWDATE}),
    timestamp_is_zoned=True,
)
