"""Where reading goes on: the cursor of the sql connector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sightline.sources.base import Cursor
from sightline.sources.sql.values import given, kept

Values = tuple[Any, ...]


@dataclass(frozen=True)
class Place:
    """A place behind a row.

    `at`: the values of cursor and key (of the key alone without a cursor) of the last row; None is the beginning.
    `whole_day`: `at` holds a date alone, and rows of that day are read once more: later ones may have come.
    `unchanged`: while rows without a cursor's value are read, the key of the last of them; `unchanged_read`: they all
    were, in the sync that is going on. Its last page says nothing of them, so that the next sync reads them again.
    """

    at: Values | None = None
    whole_day: bool = False
    unchanged: Values | None = None
    unchanged_read: bool = False

    @classmethod
    def of(cls, cursor: Cursor | None) -> Place:
        """Return the place that a kept cursor names."""
        known = cursor or {}
        return cls(
            at=_values(known.get("at")),
            whole_day=bool(known.get("whole_day")),
            unchanged=_values(known.get("unchanged")),
            unchanged_read=bool(known.get("unchanged_read")),
        )

    def cursor(self) -> Cursor:
        """Return the place as plain JSON values."""
        found: dict[str, Any] = {"at": None if self.at is None else [kept(value) for value in self.at]}
        found |= {name: True for name in ("whole_day", "unchanged_read") if getattr(self, name)}
        if self.unchanged is not None:
            found["unchanged"] = [kept(value) for value in self.unchanged]
        return found


def _values(stored: Sequence[Any] | None) -> Values | None:
    return None if stored is None else tuple(given(value) for value in stored)
