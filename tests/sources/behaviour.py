"""What the behaviour suite needs of a source: a world that a test can change, and the case that describes it.

To add a connector: write `cases/<connector>.py` with a `World` and a `CASES` tuple, and name it in `cases/__init__.py`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from fake_server import FAULTS, FakeServer, Fault

from sightline.sources.base import Connector, Cursor, Merged, Page, ReadRequest, Source, Stream, Surroundings

ABILITIES = {
    "increments": "reading from a cursor yields only what is behind it",
    "resume": "a page's cursor goes on behind that page (without: one page, or the whole stream again)",
    "bounds": "since and until",
    "remove": "deleted records are told",
    "merge": "merged records are told",
    "count": "records are counted per day",
    "credentials": "wrong credentials are refused",
    "renewal": "expired credentials are renewed and kept",
    "faults": "transient failures are survived, lasting ones end as SourceUnavailable",
    "schema": "a new or removed column of the source shows",
    "network": "the source is reached through an address, which may be private",
}
"""What a case may say it cannot do, with the reason: `cannot={"merge": "tables do not tell of merges"}`."""

Key = tuple[str, ...]
PASSING = (*(kind for kind in FAULTS if kind not in ("refused", "misunderstood")), "cut off", "slow")
LASTING = ("unavailable", "limited", "cut off")
PERMANENT = ("refused", "misunderstood")


class Clock:
    """The time of a test: moves when something sleeps, and notes how long."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def tick(self, seconds: float = 60.0) -> datetime:
        """Let time pass and return the new moment."""
        self.now += timedelta(seconds=seconds)
        return self.now


class World:
    """A running source filled with some pages of records over several days. Override what the source can do.

    `config`: settings that reach it. `wrong`: the same with credentials that it refuses. `stream`: the stream to try.
    `secrets`: texts that must never show. `clock` belongs to the world: what it changes is stamped with it.
    `folders` and `page` (the most records on a page) where they matter.
    """

    config: Mapping[str, Any]
    stream: str
    clock: Clock
    wrong: Mapping[str, Any] | None = None
    secrets: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()
    page: int = 100

    def keys(self) -> set[Key]:
        """Return the keys of all records there are now, each value as text."""
        raise NotImplementedError

    def change(self, number: int) -> set[Key]:
        """Change or add records and return their keys."""
        raise NotImplementedError

    def moments(self) -> Mapping[Key, datetime]:
        """Return the moment by which `since` and `until` bound each record."""
        raise NotImplementedError

    def remove(self) -> Key:
        """Delete a record and return its key."""
        raise NotImplementedError

    def merge(self) -> Merged:
        """Join two records and return which."""
        raise NotImplementedError

    def add_column(self) -> str:
        """Give the stream one more column, with a value in every record, and return its name."""
        raise NotImplementedError

    def drop_column(self) -> str:
        """Take a column (not one of the key) away and return its name."""
        raise NotImplementedError

    def expire(self) -> None:
        """Make the source refuse the present credentials until they are renewed."""
        raise NotImplementedError

    def fault(self, kind: str, times: int | None) -> Fault:
        """Make the next answers fail; None: all of them. Return what counts how many did."""
        raise NotImplementedError

    def recover(self) -> None:
        """End all faults."""
        raise NotImplementedError


class HttpWorld(World):
    """A world behind a fake server."""

    server: FakeServer

    def fault(self, kind: str, times: int | None) -> Fault:
        return self.server.fail(kind, times)

    def recover(self) -> None:
        self.server.recover()


@dataclass(frozen=True)
class Case:
    """One way to use a connector. `start(folder, clock)` runs its world; `cannot`: ability → why it lacks it."""

    name: str
    connector: Connector[Any]
    start: Callable[[Path, Clock], AbstractContextManager[World]]
    cannot: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = set(self.cannot) - set(ABILITIES)
        assert not unknown, f"{self.name}: no such ability: {unknown}"


@dataclass
class Trial:
    """A case whose world runs."""

    case: Case
    world: World
    kept: dict[str, str] = field(default_factory=dict)

    def surroundings(self, *, allow_private: bool = True, seed: int = 1) -> Surroundings:
        return Surroundings(
            allow_private=allow_private,
            keep_secret=self.kept.__setitem__,
            folders=self.world.folders,
            now=self.world.clock,
            sleep=self.world.clock.sleep,
            rng=random.Random(seed),  # noqa: S311 - jitter of a test
            patience=0.5,
        )

    @contextmanager
    def opened(self, config: Mapping[str, Any] | None = None, **options: Any) -> Iterator[Source]:
        """Open the source while inside."""
        connector = self.case.connector
        settings = connector.config.model_validate(
            {**self.world.config, **self.kept} if config is None else dict(config)
        )
        source = connector.open(settings, self.surroundings(**options))
        try:
            yield source
        finally:
            source.close()

    def stream(self, source: Source) -> Stream:
        """Return the stream to try as the source describes it now."""
        found = {stream.name: stream for stream in source.streams()}
        assert self.world.stream in found, f"streams: {sorted(found)}"
        return found[self.world.stream]

    def read(self, cursor: Cursor | None = None, **bounds: Any) -> Reading:
        """Read the stream from a cursor on, with a connection of its own."""
        with self.opened() as source:
            stream = self.stream(source)
            return Reading(stream, list(source.read(ReadRequest(stream=stream, cursor=cursor, **bounds))))


@dataclass(frozen=True)
class Reading:
    """What reading yielded."""

    stream: Stream
    pages: list[Page]

    def keys(self, pages: list[Page] | None = None) -> list[Key]:
        chosen = self.pages if pages is None else pages
        return [tuple(str(record[name]) for name in self.stream.key) for page in chosen for record in page.records]

    @property
    def records(self) -> list[Mapping[str, Any]]:
        return [record for page in self.pages for record in page.records]

    @property
    def deleted(self) -> set[str]:
        return {str(key) for page in self.pages for key in page.deleted}

    @property
    def merged(self) -> set[Merged]:
        return {pair for page in self.pages for pair in page.merged}

    @property
    def last(self) -> Cursor:
        """The last cursor there was, as it comes back from the database."""
        cursors = [page.cursor for page in self.pages if page.cursor is not None]
        assert cursors, "no page gave a cursor"
        return stored(cursors[-1])


def stored(cursor: Cursor) -> Cursor:
    """Return a cursor as it comes back from the database."""
    found: Cursor = json.loads(json.dumps(cursor))
    assert found == cursor, "a cursor holds plain JSON values"
    return found


def day_of(value: Any) -> date:
    """Return the UTC day of a moment as a record has it: ISO text, or a datetime."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).date()
