"""SOQL from names and values: names are those that Salesforce described, values are written here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

BACKSLASHED = str.maketrans({"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def quoted(text: str) -> str:
    """Return a text as SOQL writes it."""
    return f"'{text.translate(BACKSLASHED)}'"


def literal(moment: datetime) -> str:
    """Return a moment as SOQL writes it: in UTC, to the second, which is as exact as Salesforce keeps it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Range:
    """Records by the moment of their last change, in the order of (`column`, Id): behind `id` at `since`, before
    `until`.
    """

    column: str
    since: datetime | None = None
    id: str = ""
    until: datetime | None = None

    def where(self) -> str:
        """Return the condition with its keyword, or nothing."""
        conditions = []
        if self.since and self.id:
            at = literal(self.since)
            behind = f"{self.column} = {at} AND Id > {quoted(self.id)}"
            conditions.append(f"({self.column} > {at} OR ({behind}))")
        elif self.since:
            conditions.append(f"{self.column} >= {literal(self.since)}")
        if self.until:
            conditions.append(f"{self.column} < {literal(self.until)}")
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def rows(name: str, fields: Sequence[str], bounds: Range, *, limit: int | None = None) -> str:
    """Return the query for records; with a limit, the first ones in order. Bulk queries take no order."""
    order = f" ORDER BY {bounds.column}, Id LIMIT {limit}" if limit else ""
    return f"SELECT {', '.join(fields)} FROM {name}{bounds.where()}{order}"  # noqa: S608 - described names only


def number(name: str, bounds: Range) -> str:
    """Return the query for the number of records."""
    return f"SELECT COUNT() FROM {name}{bounds.where()}"  # noqa: S608 - described names only


def per_day(name: str, created: str, bounds: Range) -> str:
    """Return the query for the number of records per UTC day of creation."""
    day = f"DAY_ONLY({created})"
    return f"SELECT {day} d, COUNT(Id) n FROM {name}{bounds.where()} GROUP BY {day}"  # noqa: S608 - described names only
