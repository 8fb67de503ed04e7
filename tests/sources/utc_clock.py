"""The real clock, for sources that are told the time."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return now."""
    return datetime.now(UTC)
