"""The words beside figures when the data behind them is odd."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sightline.accounts.access import Access
from sightline.dashboards import dates
from sightline.dashboards.formats import plural
from sightline.definitions.schema.base import label_of
from sightline.ingest.marks import UNUSUAL, Mark, data_marks


def marks_of(access: Access, now: datetime) -> Mapping[str, str]:
    """Return, for each dataset that is odd, a sentence or two that this viewer may read."""
    found = data_marks(access, now=now)
    if not found:
        return {}
    catalog = access.folder.catalog
    today = now.astimezone(ZoneInfo(catalog.settings.zone)).date()
    said: dict[str, list[str]] = {}
    for mark in found:
        words = _words(mark, label_of(mark.dataset, catalog.dataset(mark.dataset).label), today)
        said.setdefault(mark.dataset, []).append(words)
    return {dataset: " ".join(dict.fromkeys(words)) for dataset, words in said.items()}


def _words(mark: Mark, label: str, today: date) -> str:
    if not mark.message:
        return f"{label}: the data looks unusual."
    if mark.kind == UNUSUAL and "most" in mark.detail:
        day = date.fromisoformat(str(mark.detail["day"]))
        when = "yesterday" if day == today - timedelta(days=1) else f"on {dates.day(day, today=today)}"
        least, most = int(mark.detail["least"]), int(mark.detail["most"])
        rows = plural(int(mark.detail["rows"]), "row")
        return f"{label}: {rows} {when}, expected {least:,}–{most:,}."
    return mark.message if mark.message.startswith(label) else f"{label}: {mark.message}"
