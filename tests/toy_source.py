"""A source in memory: records with a version that grows with every change, and failures on demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sightline.sources.base import (
    Checked,
    Connector,
    ConnectorConfig,
    Merged,
    Page,
    ReadRequest,
    SourceUnavailable,
    Stream,
    Surroundings,
)

PAGE = 3


@dataclass
class Toy:
    """What the toy system holds. `fail_after` pages reading breaks; `miscount` is added to every count.

    One that `is_away` does not answer.
    """

    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    stages: list[dict[str, Any]] = field(default_factory=list)
    gone: list[tuple[int, str]] = field(default_factory=list)
    merges: list[tuple[int, Merged]] = field(default_factory=list)
    columns: tuple[str, ...] = ("id", "program", "email", "created", "version")
    clock: int = 0
    fail_after: int | None = None
    miscount: int = 0
    is_away: bool = False
    read: list[ReadRequest] = field(default_factory=list)

    def put(self, key: str, *, day: int = 1, month: int = 2, **values: Any) -> None:
        self.clock += 1
        created = datetime(2026, month, day, 12, tzinfo=UTC).isoformat()
        known = self.contacts.get(key, {"id": key, "program": "p1", "email": f"{key}@x.test", "created": created})
        self.contacts[key] = {**known, **values, "version": self.clock}

    def stage(self, key: str, stage: str, *, day: int) -> None:
        at = datetime(2026, 2, day, tzinfo=UTC).isoformat()
        self.stages.append({"contact": key, "stage": stage, "at": at, "n": len(self.stages) + 1})

    def remove(self, key: str) -> None:
        self.clock += 1
        del self.contacts[key]
        self.gone.append((self.clock, key))

    def merge(self, lost: str, into: str) -> None:
        self.clock += 1
        del self.contacts[lost]
        self.merges.append((self.clock, Merged(lost, into)))


class ToyConfig(ConnectorConfig):
    """Nothing to set."""


class ToySource:
    """Reads the toy system."""

    def __init__(self, toy: Toy) -> None:
        self.toy = toy

    def check(self) -> Checked:
        if self.toy.is_away:
            raise SourceUnavailable("the toy is away")
        return Checked("the toy")

    def streams(self) -> Sequence[Stream]:
        return [
            Stream("contacts", "Contacts", ("id",), self.toy.columns, "version", "created"),
            Stream("stages", "Stages", ("contact", "stage"), ("contact", "stage", "at", "n"), "n", appends_only=True),
        ]

    def read(self, request: ReadRequest) -> Iterator[Page]:
        self.toy.read.append(request)
        for number, page in enumerate(self._pages(request)):
            if self.toy.fail_after is not None and number >= self.toy.fail_after:
                raise SourceUnavailable("the toy is tired")
            yield page

    def _pages(self, request: ReadRequest) -> Iterator[Page]:
        after = (request.cursor or {}).get("after", 0)
        order = request.stream.cursor or ""
        rows = list(self.toy.contacts.values()) if request.stream.name == "contacts" else self.toy.stages
        found = sorted(
            (row for row in rows if row[order] > after and _within(row, request)), key=lambda row: row[order]
        )
        for start in range(0, len(found), PAGE):
            part = found[start : start + PAGE]
            yield Page([_only(row, request.columns) for row in part], {"after": part[-1][order]})
        if request.stream.name == "contacts" and request.until is None:
            deleted = [key for at, key in self.toy.gone if at > after]
            merged = [merge for at, merge in self.toy.merges if at > after]
            if deleted or merged:
                yield Page((), {"after": self.toy.clock}, deleted, merged)

    def count(self, stream: Stream, days: Sequence[date]) -> Mapping[date, int] | None:
        if stream.created is None:
            return None
        made = [datetime.fromisoformat(row["created"]).date() for row in self.toy.contacts.values()]
        return {day: made.count(day) + (self.toy.miscount if made.count(day) else 0) for day in days}

    def close(self) -> None:
        """Nothing is open."""


def _within(row: Mapping[str, Any], request: ReadRequest) -> bool:
    if "created" not in row:
        return True
    made = datetime.fromisoformat(row["created"])
    return (request.since is None or made >= request.since) and (request.until is None or made < request.until)


def _only(row: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not columns or name in columns}


def connector_of(toy: Toy) -> Connector[ToyConfig]:
    """Return a connector that reads this toy system."""

    def opening(_: ToyConfig, __: Surroundings) -> ToySource:
        return ToySource(toy)

    return Connector("toy", "Toy", "a system in memory", ToyConfig, opening)
