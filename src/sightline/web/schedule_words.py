"""Schedules in words: 06:10 daily, Every 15 minutes, 08:00 on Mondays."""

from __future__ import annotations

from datetime import datetime

from cronsim import CronSim

DAYS = ("Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
WEEKDAYS = "1-5"
BY_HAND = "By hand"


def schedule_words(cron: str, *, zone: str = "", home_zone: str = "") -> str:
    """Return a cron expression in words. The zone is named when it is not the workspace's."""
    if not cron:
        return BY_HAND
    words = _common(cron.split()) or CronSim(cron, datetime(2026, 1, 1)).explain()  # noqa: DTZ001 - only put in words
    return f"{words} ({zone})" if zone and zone != home_zone else words


def _common(parts: list[str]) -> str:
    """Return the words for what most schedules are; empty for others."""
    if len(parts) != 5 or parts[3] != "*":
        return ""
    minute, hour, day, _, weekday = parts
    every = minute.removeprefix("*/")
    if (hour, day, weekday) == ("*", "*", "*"):
        if minute == "*":
            return "Every minute"
        if every != minute and every.isdigit():
            return f"Every {every} min"
        return _at_minute("Hourly", minute)
    if not minute.isdigit():
        return ""
    step = hour.removeprefix("*/")
    if step != hour and step.isdigit() and (day, weekday) == ("*", "*"):
        return _at_minute(f"Every {step} hours", minute)
    if not hour.isdigit():
        return ""
    at = f"{int(hour):02}:{int(minute):02}"
    if day == "*":
        return _on_weekday(at, weekday)
    return f"{at} on day {day} of the month" if day.isdigit() and weekday == "*" else ""


def _at_minute(words: str, minute: str) -> str:
    if not minute.isdigit():
        return ""
    return words if int(minute) == 0 else f"{words} at :{int(minute):02}"


def _on_weekday(at: str, weekday: str) -> str:
    if weekday == "*":
        return f"{at} daily"
    if weekday == WEEKDAYS:
        return f"{at} on weekdays"
    return f"{at} on {DAYS[int(weekday)]}" if weekday.isdigit() and int(weekday) < len(DAYS) else ""
