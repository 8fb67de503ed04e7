"""What the database gives as plain JSON values, and the values of a cursor there and back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

Kind = Literal["zoned", "zoneless", "day", "other"]
"""What a column says of time: a moment; a moment without its zone; a date; nothing."""


UNSET = ("", "0", "f", "false", "n", "no")
"""Texts of a "deleted" column that mean the row is there."""


def plain(value: Any, kind: Kind, zone: ZoneInfo) -> Any:
    """Return a value of a record: exact numbers and what JSON has no type for as text, moments with their zone."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _moment(value, zone) if kind == "zoneless" else value
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    if isinstance(value, datetime):
        return _with_zone(value, kind, zone).isoformat()
    if isinstance(value, list | tuple):
        return [_inner(each, zone) for each in value]
    return _text(value, zone)


def _text(value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"PT{format(Decimal(value // timedelta(microseconds=1)).scaleb(-6).normalize(), 'f')}S"
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict):
        return json.dumps(_inner(value, zone), ensure_ascii=False)
    return str(value)


def _inner(value: Any, zone: ZoneInfo) -> Any:
    """Return a value inside of a list or an object."""
    if isinstance(value, dict):
        return {str(name): _inner(each, zone) for name, each in value.items()}
    return plain(value, "other", zone)


def _with_zone(value: datetime, kind: Kind, zone: ZoneInfo) -> datetime:
    if value.tzinfo:
        return value.astimezone(UTC)
    return value.replace(tzinfo=UTC if kind == "zoned" else zone)


def _moment(text: str, zone: ZoneInfo) -> str:
    """Return a moment that is kept as text with its zone, or the text when it is no moment (SQLite, MySQL's zeros)."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return _with_zone(found, "zoneless", zone).isoformat()


def kept(value: Any) -> Any:
    """Return a value of a cursor as plain JSON that says what it was."""
    if value is None or isinstance(value, bool | int | str | float):
        return value
    for name, kind, write in (
        ("datetime", datetime, lambda found: found.isoformat()),
        ("date", date, lambda found: found.isoformat()),
        ("decimal", Decimal, str),
        ("uuid", uuid.UUID, str),
        ("bytes", bytes | bytearray | memoryview, lambda found: bytes(found).hex()),
    ):
        if isinstance(value, kind):
            return {name: write(value)}
    return {"text": str(value)}


GIVEN: Mapping[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "decimal": Decimal,
    "uuid": uuid.UUID,
    "bytes": bytes.fromhex,
    "text": str,
}


def given(value: Any) -> Any:
    """Return the value of a cursor that `kept` wrote."""
    if not isinstance(value, dict):
        return value
    [(name, text)] = value.items()
    return GIVEN[name](text)


def is_set(value: Any) -> bool:
    """Return whether the value of a "deleted" column says that the row is gone."""
    if isinstance(value, str):
        return value.strip().lower() not in UNSET and not value.startswith("0000-00-00")
    if isinstance(value, bytes):
        return any(value)
    return bool(value)
