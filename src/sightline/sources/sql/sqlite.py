"""SQLite: a file, opened for reading only."""

from __future__ import annotations

import sqlite3
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func

from sightline.sources.sql.config import SqlConfig
from sightline.sources.sql.dialect import Dialect, Failure, Spot, in_utc

STEPS_BETWEEN_LOOKS = 50_000
SECONDS_FOR_LOCKS = 30.0


def connect(config: SqlConfig, spot: Spot) -> Any:
    """Return a connection that ends what takes too long: a connection serves one page."""
    address = f"{(spot.file or Path()).as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=SECONDS_FOR_LOCKS, check_same_thread=False)
    until = time.monotonic() + config.statement_seconds
    connection.set_progress_handler(lambda: int(time.monotonic() > until), STEPS_BETWEEN_LOOKS)
    return connection


def begin(_: SqlConfig) -> tuple[str, ...]:
    """Return the first statements of a transaction."""
    return ("PRAGMA query_only = ON",)


def failure(error: BaseException) -> Failure:
    """Return what an error means, by SQLite's name of it."""
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_INTERRUPT":
        return "too slow"
    if name.startswith(("SQLITE_PERM", "SQLITE_AUTH")):
        return "refused"
    return "later" if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR")) else "wrong"


def _as_moment(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """SQLite has no type for moments: text of ISO form and seconds since 1970 both become the same text."""
    return func.datetime(column, "auto")


def _text(moment: datetime) -> str:
    return in_utc(moment).isoformat(" ", "seconds")


SQLITE = Dialect(
    name="sqlite",
    label="SQLite",
    engine="sqlite+pysqlite",
    grammar="sqlite",
    driver="sqlite3",
    extra="",
    port=0,
    connect=connect,
    begin=begin,
    version="SELECT sqlite_version()",
    failure=failure,
    as_moment=_as_moment,
    bound=_text,
    settles=False,
)
