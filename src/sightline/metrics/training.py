"""What a forecast learns from: the whole buckets of a series whose values are known and final."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from sightline.definitions.schema.metric import Cadence, Derived, Grain, Metric
from sightline.metrics.calendar import Calendar
from sightline.metrics.plan import PERIOD, rows_known_by, rows_published_by
from sightline.metrics.result import State

if TYPE_CHECKING:
    from sightline.metrics.answer import Answer

GRAINS: tuple[Grain, ...] = ("day", "week", "month", "quarter", "year")
"""Buckets that can be forecast."""

MOST_BUCKETS: dict[Grain, int] = {"day": 365, "week": 260, "month": 120, "quarter": 60, "year": 60}
"""The longest history that is learned from: what lies further back says little of what comes next."""

SEASONS: dict[Grain, int] = {"day": 7, "month": 12, "quarter": 4}
OF_CADENCE: dict[Cadence, Grain] = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
}

Why = Literal["running", "unknown", "maturing", "missing", "cut"]
"""Why a bucket is not learned from: it has not ended; the data does not reach its end; its cohort still matures; it has
no value yet; the period begins within it."""


@dataclass(frozen=True)
class LeftOut:
    """Buckets at an end of a series that are not learned from. `so_far` is the value of the last of them."""

    why: Why
    buckets: tuple[date, ...]
    so_far: float | None = None


@dataclass(frozen=True)
class Training:
    """A series to learn from: its buckets without a break, their values, and what was left out beside them.

    A value is None where there is no number that may be read bare; `gaps` says which buckets and why.
    """

    key: tuple[Any, ...]
    labels: tuple[str, ...]
    buckets: tuple[date, ...]
    values: tuple[float | None, ...]
    gaps: tuple[tuple[date, State], ...]
    left_out: tuple[LeftOut, ...]


def trainings(answer: Answer, name: str) -> list[Training]:
    """Return the series of each group of an answer over time, in the order of the answer."""
    columns = [dimension.name for dimension in answer.dimensions]
    rows: dict[tuple[Any, ...], list[int]] = {}
    for row in range(answer.n_rows):
        rows.setdefault(tuple(answer.value(row, column) for column in columns), []).append(row)
    calendar = Calendar.of(answer.catalog.settings, answer.today)
    return [_training(answer, name, key, own, calendar) for key, own in rows.items()]


def _training(answer: Answer, name: str, key: tuple[Any, ...], rows: list[int], calendar: Calendar) -> Training:
    rows = sorted(rows, key=lambda row: _bucket(answer, row))
    left_out: list[LeftOut] = []
    rows = _whole_first(answer, rows, left_out)
    rows = _begun(answer, name, rows)
    for why in _WHY:
        rows = _without_end(answer, name, rows, why, calendar, left_out)
    cells = [answer.cell(row, name) for row in rows]
    buckets = tuple(_bucket(answer, row) for row in rows)
    return Training(
        key=key,
        labels=tuple(_label(answer, rows[0], each) for each in range(len(key))) if rows else tuple(map(str, key)),
        buckets=buckets,
        values=tuple(cell.value if cell.state == "ok" else None for cell in cells),
        gaps=tuple((at, cell.state) for at, cell in zip(buckets, cells, strict=True) if cell.state != "ok"),
        left_out=tuple(left_out),
    )


_WHY: tuple[Why, ...] = ("running", "unknown", "maturing", "missing")


def _label(answer: Answer, row: int, place: int) -> str:
    dimension = answer.dimensions[place]
    label = answer.value(row, f"{dimension.name}_label")
    return str(label) if label else dimension.word(answer.value(row, dimension.name))


def _bucket(answer: Answer, row: int) -> date:
    found: date = answer.value(row, PERIOD)
    return found


def _whole_first(answer: Answer, rows: list[int], left_out: list[LeftOut]) -> list[int]:
    """Return the rows without a first bucket that the period cuts."""
    start = answer.period.start
    if rows and start is not None and _bucket(answer, rows[0]) < start:
        left_out.append(LeftOut("cut", (_bucket(answer, rows[0]),)))
        return rows[1:]
    return rows


def _begun(answer: Answer, name: str, rows: list[int]) -> list[int]:
    """Return the rows from the first on that has an observation, and enough of them to be read bare.

    Before it there was nothing to count, which is not zero of it.
    """
    first = next((at for at, row in enumerate(rows) if _is_readable(answer, name, row)), len(rows))
    return rows[first:]


def _is_readable(answer: Answer, name: str, row: int) -> bool:
    cell = answer.cell(row, name)
    if cell.value is None or cell.state != "ok":
        return False
    return cell.n > 0 if cell.n else cell.value != 0


def _without_end(
    answer: Answer, name: str, rows: list[int], why: Why, calendar: Calendar, left_out: list[LeftOut]
) -> list[int]:
    """Return the rows without those at the end that this reason leaves out."""
    kept = len(rows)
    while kept and _is_left_out(answer, name, rows[kept - 1], why, calendar):
        kept -= 1
    if kept < len(rows):
        buckets = tuple(_bucket(answer, row) for row in rows[kept:])
        left_out.append(LeftOut(why, buckets, answer.cell(rows[-1], name).value))
    return rows[:kept]


def _is_left_out(answer: Answer, name: str, row: int, why: Why, calendar: Calendar) -> bool:
    bucket = _bucket(answer, row)
    after = calendar.following(bucket, answer.question.grain or "day")
    if why == "running":
        return after > min(answer.period.end or answer.today, answer.today)
    if why == "unknown":
        return not _is_known(answer, name, bucket, after)
    cell = answer.cell(row, name)
    return cell.maturing is not None if why == "maturing" else cell.value is None


def _is_known(answer: Answer, name: str, bucket: date, after: date) -> bool:
    """Whether the data reaches the end of a bucket.

    Of a metric whose values come once in such a bucket the newest row may stand on its first day: there it is enough
    that something was published after the bucket had ended.
    """
    horizon, catalog = answer.horizon, answer.catalog
    reached = horizon.end(rows_known_by((name,), catalog))
    if reached >= after:
        return True
    return (
        _comes_once(catalog.metric(name), answer.question.grain)
        and reached > bucket
        and horizon.last_day(rows_published_by((name,), catalog)) >= after
    )


def _comes_once(metric: Metric, grain: Grain | None) -> bool:
    if metric.cadence is None or grain not in GRAINS:
        return False
    return GRAINS.index(OF_CADENCE[metric.cadence]) >= GRAINS.index(grain)


def bounds_of(metric: Metric, values: Sequence[float | None]) -> tuple[float | None, float | None]:
    """Return what the metric can be: not below 0 where it never was, a share not above 1 where it never was.

    A formula that takes something away may become negative, whatever its history.
    """
    known = [value for value in values if value is not None]
    if not known or (isinstance(metric, Derived) and "-" in metric.expression):
        return None, None
    is_share = metric.unit in ("percent", "rate", "share")
    return (0.0 if min(known) >= 0 else None), (1.0 if is_share and max(known) <= 1 else None)
