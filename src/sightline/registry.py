"""One explicit table per kind of thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from sightline.errors import InternalError

Member = TypeVar("Member")


class Registry(Mapping[str, Member], Generic[Member]):
    """A read-only mapping from name to member that refuses a second member of the same name."""

    def __init__(self, kind: str, members: Mapping[str, Member] | None = None) -> None:
        self.kind = kind
        self._members: dict[str, Member] = {}
        for name, member in (members or {}).items():
            self.register(name, member)

    def register(self, name: str, member: Member) -> Member:
        if name in self._members:
            raise InternalError(f"{self.kind} {name!r} is registered already")
        self._members[name] = member
        return member

    def __getitem__(self, name: str) -> Member:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)
