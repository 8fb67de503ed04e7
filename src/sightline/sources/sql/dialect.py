"""In what the databases differ, as far as reading from them goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy.sql import ColumnElement

from sightline.sources.sql.config import SqlConfig

Failure = Literal["refused", "later", "too slow", "wrong"]
"""What an error of the database means for us."""

SECONDS_TO_CONNECT = 15


@dataclass(frozen=True)
class Spot:
    """Where to connect: the checked address of a host, or a file; and the file of the authority to trust."""

    address: str = ""
    port: int = 0
    file: Path | None = None
    authority: str = ""


def _as_it_is(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return column


def in_utc(moment: datetime) -> datetime:
    """Return a moment as UTC without saying so, the way a session in UTC understands it."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


@dataclass(frozen=True)
class Dialect:
    """One kind of database.

    `engine` is SQLAlchemy's name, `grammar` SQLGlot's. `driver` is the Python package, `extra` the extra of ours that
    brings it (empty: always there). `connect` returns a connection of the driver. `begin` are the statements that
    start every transaction: it sees one moment, writes nothing, speaks UTC, and ends slow statements. `version` asks
    what this is. `streams`: a long result comes piece by piece and its limit of time holds for each piece; without,
    every page is a statement of its own. `zoned`, `zoneless`, `days`: the driver's codes of column types that hold a
    moment with a zone, one without, a date. `timestamp_is_zoned`: TIMESTAMP holds a moment, whatever the session's
    zone. `as_moment` makes a column comparable with what `bound` makes of a moment. `settles`: a transaction may
    commit a moment that is older than what others committed before it.
    """

    name: str
    label: str
    engine: str
    grammar: str
    driver: str
    extra: str
    port: int
    connect: Callable[[SqlConfig, Spot], Any]
    begin: Callable[[SqlConfig], tuple[str, ...]]
    version: str
    failure: Callable[[BaseException], Failure]
    streams: bool = False
    zoned: frozenset[Any] = frozenset()
    zoneless: frozenset[Any] = frozenset()
    days: frozenset[Any] = frozenset()
    timestamp_is_zoned: bool = False
    as_moment: Callable[[ColumnElement[Any]], ColumnElement[Any]] = field(default=_as_it_is)
    bound: Callable[[datetime], Any] = field(default=in_utc)
    settles: bool = True
