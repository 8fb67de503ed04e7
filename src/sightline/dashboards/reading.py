"""Reading rows of an answer: members, labels and buckets by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sightline.dashboards import dates
from sightline.dashboards.page import Page
from sightline.definitions.dimensions import Dimension
from sightline.definitions.schema.metric import Grain
from sightline.metrics.answer import Answer, Cell
from sightline.metrics.question import Filter


@dataclass(frozen=True)
class Member:
    """One member of a dimension in a row: its key as stored, and how people call it."""

    key: Any
    label: str

    @property
    def text_key(self) -> str:
        return "~" if self.key is None else str(self.key)


def members(answer: Answer, dimension: str, page: Page) -> list[Member]:
    """Return the member of every row, in order."""
    keys = answer.data[dimension]
    labels = answer.data.get(f"{dimension}_label", keys)
    held = next(each for each in answer.dimensions if each.name == dimension)
    return [
        Member(key, _label(key if label is None else label, held, page))
        for key, label in zip(keys, labels, strict=True)
    ]


def _label(shown: Any, held: Dimension, page: Page) -> str:
    if isinstance(shown, bool):
        return "Yes" if shown else "No"
    if isinstance(shown, datetime):
        return dates.moment(shown, zone=page.catalog.settings.zone, today=page.today)
    if isinstance(shown, date):
        return dates.day(shown, today=page.today)
    return held.word(shown)


def buckets(answer: Answer) -> list[date]:
    """Return the first day (or hour) of the time bucket of every row."""
    return list(answer.data["period"])


def cells(answer: Answer, metric: str) -> list[Cell]:
    """Return the cell of one metric in every row."""
    return [answer.cell(row, metric) for row in range(answer.n_rows)]


def held(dimension: str, member: Member) -> Filter:
    """Return the filter that holds a dimension to this member."""
    return Filter(dimension, (member.key,))


def partial(start: date, grain: Grain, answer: Answer, page: Page) -> bool:
    """Whether a bucket is not whole: it has not ended, or the period cuts it."""
    first = start.date() if isinstance(start, datetime) else start
    if grain == "hour":
        return first >= page.today
    after = page.calendar.following(first, grain)
    begins_late = answer.period.start is not None and first < answer.period.start
    end = min(answer.period.end or page.today, page.today)
    return begins_late or after > end


def is_empty(answer: Answer, metrics: Sequence[str]) -> bool:
    """Whether the answer has no row, no row with any number, or no data behind it (a count of nothing is 0)."""
    if answer.sources and not any(source.rows for source in answer.sources):
        return True
    rows = range(answer.n_rows)
    return not any(answer.cell(row, metric).value is not None for row in rows for metric in metrics)
