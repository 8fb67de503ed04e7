"""Moments as a REST source writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sightline.sources.rest.config import Format

SECONDS = {"epoch": 1.0, "epoch_ms": 1000.0}


def written(moment: datetime, how: Format) -> str:
    """Return a moment the way the source takes it."""
    if how in SECONDS:
        return str(int(moment.timestamp() * SECONDS[how]))
    if how == "date":
        return moment.astimezone(UTC).date().isoformat()
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment_of(value: Any, how: Format) -> datetime | None:
    """Return the moment that a value of a record means, or None when it means none."""
    try:
        if how in SECONDS:
            return datetime.fromtimestamp(float(value) / SECONDS[how], UTC)
        found = datetime.fromisoformat(str(value))
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def order_of(value: Any, how: Format) -> tuple[int, Any]:
    """Return what sorts the values of a cursor column: moments, numbers or texts, nothing first."""
    if value is None:
        return (0, 0)
    if how != "raw":
        return (1, moment_of(value, how) or datetime.min.replace(tzinfo=UTC))
    return (1, value) if isinstance(value, int | float) else (2, str(value))


def earlier(value: Any, how: Format, seconds: int) -> Any:
    """Return a cursor value some seconds before; values that are no moments stay."""
    moment = moment_of(value, how) if seconds and how != "raw" else None
    return value if moment is None else written(moment - timedelta(seconds=seconds), how)
