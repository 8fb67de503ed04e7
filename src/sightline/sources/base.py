"""What every connector gives: a check of its connection, its streams, their records page by page, and counts.

A connector only reads. What it yields is stored by `ingest`, which also keeps the cursor: a page is stored first and
its cursor is kept after that, so a killed sync reads one page again and adds nothing twice (rows are merged by key).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ConfigDict

from sightline.errors import SightlineError, UserError

Record = Mapping[str, Any]
"""One row as the source has it: name → plain JSON value. Nested values have been flattened to `outer.inner`."""

Cursor = Mapping[str, Any]
"""Where to go on reading: plain JSON values that only the connector understands."""


class SourceError(UserError):
    """A source cannot be read, and trying again unchanged does not help."""

    code = "SL-E300"


class SourceRefused(SourceError):
    """The source does not accept our credentials or does not let us read this."""

    code = "SL-E301"


class SourceAnswer(SourceError):
    """The source answered with something its documentation does not foresee."""

    code = "SL-E302"


class SourceUnavailable(SightlineError):
    """The source cannot be reached, is overloaded or limits us, and still is after our retries: later may help."""

    code = "SL-E303"
    permanent = False


class ConnectorConfig(BaseModel):
    """The base of every connector's settings. Fields of type `SecretStr` are stored encrypted, apart from the rest."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True)
class Stream:
    """One kind of record a source has.

    `columns` as far as they are known beforehand. `key`: the columns that identify a record. `cursor`: the column that
    grows with every change of a record; None when the whole stream is read each time. `created`: the column of the
    moment by whose UTC day records are counted (None: no counts). `appends_only`: records never change (history).
    """

    name: str
    label: str
    key: tuple[str, ...]
    columns: tuple[str, ...] = ()
    cursor: str | None = None
    created: str | None = None
    appends_only: bool = False


@dataclass(frozen=True)
class ReadRequest:
    """What to read of a stream.

    `columns`: the source columns that are wanted; empty means all. `cursor`: as an earlier page gave it; None begins
    anew. `since` and `until` bound a backfill by the time of change or creation, whichever the source can filter by
    (UTC, until exclusive); both None in an ordinary sync.
    """

    stream: Stream
    columns: tuple[str, ...] = ()
    cursor: Cursor | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Merged:
    """The source joined two records: `lost` is gone, what belonged to it belongs to `into`."""

    lost: str
    into: str


@dataclass(frozen=True)
class Page:
    """Some records in the order of the cursor, keys that the source deleted, and where to go on once they are stored.

    `deleted` and `merged` name the first key column's value. `cursor` None means: nothing to remember.
    """

    records: Sequence[Record]
    cursor: Cursor | None = None
    deleted: Sequence[str] = ()
    merged: Sequence[Merged] = ()


@dataclass(frozen=True)
class Checked:
    """A connection that works: what was reached, in words, and what the source said of itself."""

    reached: str
    details: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """An open connection to one source. Methods raise SourceError, or SourceUnavailable when later may help."""

    def check(self) -> Checked:
        """Return what was reached, after the smallest real request there is."""
        ...

    def streams(self) -> Sequence[Stream]:
        """Return what can be read, with columns as the source describes them now."""
        ...

    def read(self, request: ReadRequest) -> Iterator[Page]:
        """Yield pages until there is nothing more. Reading again from a page's cursor goes on behind that page."""
        ...

    def count(self, stream: Stream, days: Sequence[date]) -> Mapping[date, int] | None:
        """Return how many records the source has now that were created on each UTC day; None when it cannot tell."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...


@runtime_checkable
class KnowsKeys(Protocol):
    """What a source offers beside that can list its keys: then rows whose record is gone can be found."""

    def keys(self, stream: Stream) -> Generator[Sequence[Record], None, None]:
        """Yield the key of every record the source has now, page by page, leaving out those it calls deleted."""
        ...


def _forget(_: str, __: str) -> None:
    """Nobody keeps renewed secrets."""


@dataclass(frozen=True)
class Surroundings:
    """What a connector may use of the world.

    `allow_private`: an admin allowed addresses of this machine and of private networks for this source.
    `keep_secret(field, value)`: stores a secret that the source renewed (an OAuth token). `folders`: the local folders
    from which files may be read. `patience`: seconds to wait for an answer.
    """

    now: Callable[[], datetime]
    allow_private: bool = False
    keep_secret: Callable[[str, str], None] = _forget
    folders: tuple[Path, ...] = ()
    sleep: Callable[[float], None] = time.sleep
    rng: random.Random = field(default_factory=random.Random)
    patience: float = 60.0


Config = TypeVar("Config", bound=ConnectorConfig)


@dataclass(frozen=True)
class Connector(Generic[Config]):
    """A kind of source: its settings and how to open one. `label` and `summary` are for people."""

    name: str
    label: str
    summary: str
    config: type[Config]
    open: Callable[[Config, Surroundings], Source]
