"""What an object consists of, and its rows as records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sightline.sources.base import Merged, Page, Record
from sightline.sources.flat import flattened
from sightline.sources.salesforce.client import Result

NOT_READ = frozenset({"address", "location", "base64", "complexvalue"})
"""Types that hold other fields or files; what an address consists of are fields too."""

DELETED, MASTER = "IsDeleted", "MasterRecordId"
CHANGED = ("SystemModstamp", "LastModifiedDate", "CreatedDate")

CONVERTED: Mapping[str, Callable[[str], Any]] = {
    "boolean": lambda text: text == "true",
    "int": int,
    "long": int,
    "double": float,
    "currency": float,
    "percent": float,
    "datetime": lambda text: text.removesuffix("Z") + "+0000" if text.endswith("Z") else text,
}
"""Texts of a bulk answer as the REST API has them."""


@dataclass(frozen=True)
class Described:
    """An object: its fields by type. `changed`: the field with the moment of the last change."""

    name: str
    label: str
    types: Mapping[str, str]

    @property
    def changed(self) -> str | None:
        return next((name for name in CHANGED if name in self.types), None)

    @property
    def created(self) -> str | None:
        return "CreatedDate" if "CreatedDate" in self.types else None

    def chosen(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Return the wanted fields that there are (none wanted: all), with those that we need ourselves."""
        names = set(wanted)
        needed = {"Id", DELETED, MASTER, self.changed, self.created, *names}
        return tuple(name for name in self.types if not names or name in needed)


def described(name: str, answer: Result, *, wanted: Sequence[str]) -> Described:
    """Return an object from its description, with the wanted fields only."""
    types = {str(one["name"]): str(one["type"]) for one in answer.get("fields", ()) if one["type"] not in NOT_READ}
    whole = Described(name=name, label=str(answer.get("label") or name), types=types)
    kept = whole.chosen(wanted)
    return Described(name=name, label=whole.label, types={field: types[field] for field in kept})


def page_of(rows: Sequence[Result]) -> Page:
    """Return rows as a page without a cursor: records, deleted ones, and those that were merged into another."""
    kept: list[Record] = []
    deleted: list[str] = []
    merged: list[Merged] = []
    for row in rows:
        if not row.get(DELETED):
            kept.append(flattened(row, without=frozenset({"attributes"})))
        elif row.get(MASTER):
            merged.append(Merged(lost=str(row["Id"]), into=str(row[MASTER])))
        else:
            deleted.append(str(row["Id"]))
    return Page(records=kept, deleted=deleted, merged=merged)


def typed(row: Mapping[str, str], types: Mapping[str, str]) -> Result:
    """Return a row of a bulk answer with the values of the REST API."""
    return {name: None if text == "" else CONVERTED.get(types[name], str)(text) for name, text in row.items()}


def moment_at(value: object) -> datetime:
    """Return the moment that Salesforce wrote."""
    found = datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
