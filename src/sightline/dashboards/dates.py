"""Days, times and periods in words: 23 Jan, 23 Jan 2025, Week of 19 Jan, Q1 2026. No clock: `today` is an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sightline.definitions.schema.metric import Grain
from sightline.metrics.question import Period

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(moment: date, *, today: date | None = None) -> str:
    """Return 23 Jan, with the year when it is not this year's (or `today` is not given)."""
    text = f"{moment.day} {MONTHS[moment.month - 1]}"
    return text if today is not None and moment.year == today.year else f"{text} {moment.year}"


def moment(at: datetime, *, zone: str, today: date | None = None) -> str:
    """Return 23 Jan, 06:10 in the workspace's zone. A time without zone is UTC."""
    local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(ZoneInfo(zone))
    return f"{day(local.date(), today=today)}, {local:%H:%M}"


def stamp(at: datetime, *, zone: str) -> str:
    """Return 20260123-0610, the workspace's wall clock, for the name of a file."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y%m%d-%H%M}"


def bucket(start: date | datetime, grain: Grain, *, today: date | None = None) -> str:
    """Return the name of a time bucket by its first day."""
    if grain == "hour" and isinstance(start, datetime):
        return f"{day(start.date(), today=today)}, {start:%H:%M}"
    first = start.date() if isinstance(start, datetime) else start
    if grain == "month":
        return f"{MONTHS[first.month - 1]} {first.year}"
    if grain == "quarter":
        return f"Q{(first.month + 2) // 3} {first.year}"
    if grain == "year":
        return str(first.year)
    return f"Week of {day(first, today=today)}" if grain == "week" else day(first, today=today)


def short_bucket(start: date, grain: Grain) -> str:
    """Return the name of a bucket near today, as short as it can be: Nov, 23 Nov, Q4, 2026."""
    if grain == "month":
        return MONTHS[start.month - 1]
    if grain == "quarter":
        return f"Q{(start.month + 2) // 3}"
    return str(start.year) if grain == "year" else f"{start.day} {MONTHS[start.month - 1]}"


def span(period: Period, *, today: date | None = None) -> str:
    """Return the days of a period, both ends included: 25 Oct 2025 to 22 Jan 2026."""
    start, end = period.start, period.end and period.end - timedelta(days=1)
    if start is None and end is None:
        return "All time"
    if start is None:
        return f"To {day(end, today=today)}" if end else "All time"
    if end is None:
        return f"Since {day(start, today=today)}"
    if start == end:
        return day(start, today=today)
    if start.year == end.year:
        both = f"{day(start, today=start)} to {day(end, today=start)}"
        return both if today is not None and today.year == end.year else f"{both} {end.year}"
    return f"{day(start)} to {day(end)}"
