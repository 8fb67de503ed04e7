"""Trailing windows and to-date figures, each against a plain count over the days it covers."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from small_company import METRICS, answer, company, event, person, sql, value, values

from sightline.definitions.durations import shift_months
from sightline.metrics.question import QuestionError
from sightline.metrics.warehouse import Warehouse

FIRST = date(2025, 1, 1)
DAY = timedelta(days=1)


def busy(root: Path, *, seed: int = 3) -> tuple[Warehouse, list[dict[str, Any]]]:
    rng = random.Random(seed)  # noqa: S311 - made-up rows, not secrets
    people = [person(f"p{n}", "2024-12-01", team=rng.choice(["red", "blue"])) for n in range(8)]
    events = []
    for number in range(150):
        day = FIRST + timedelta(days=rng.randint(0, 165))
        kind = rng.choice(["visit", "buy"])
        events.append(event(f"e{number}", f"p{rng.randint(0, 7)}", kind, f"{day}T{rng.randint(0, 23):02d}:30"))
    return company(root, people=people, events=events), events


def counted(events: list[dict[str, Any]], first: date, after: date) -> int:
    """Return how many events there are from the first day up to but not including the last."""
    return sum(first <= each["at"].date() < after for each in events)


def weeks_before(end: date) -> date:
    return end - timedelta(days=7)


def month_before(end: date) -> date:
    return shift_months(end, -1)


def month_of(end: date) -> date:
    return (end - DAY).replace(day=1)


def quarter_of(end: date) -> date:
    month = month_of(end)
    return shift_months(month, -((month.month - 1) % 3))


WINDOWS: dict[str, Callable[[date], date]] = {
    "events_7_days": weeks_before,
    "events_1_month": month_before,
    "events_this_month": month_of,
    "events_this_quarter": quarter_of,
}


@pytest.mark.req("PRG-3.2")
@pytest.mark.parametrize("metric", WINDOWS)
@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_each_point_covers_the_days_up_to_its_end(tmp_path: Path, metric: str, grain: str) -> None:
    warehouse, events = busy(tmp_path)
    found = answer(warehouse, metric, grain=grain, period="2025-02-10..2025-06-01")
    assert found.n_rows > 3
    for bucket, figure in values(found, metric).items():
        following = {"day": bucket + DAY, "week": bucket + 7 * DAY, "month": shift_months(bucket, 1)}[grain]
        end = min(following, date(2025, 6, 1))
        assert figure == counted(events, WINDOWS[metric](end), end), bucket


@pytest.mark.req("PRG-3.2")
@pytest.mark.parametrize("metric", WINDOWS)
def test_without_a_grain_the_window_ends_with_the_period_or_with_today(tmp_path: Path, metric: str) -> None:
    warehouse, events = busy(tmp_path)
    for period, end in (
        ("2025-03-01..2025-03-31", date(2025, 3, 31)),
        ("this_year", date(2025, 6, 16)),
        ("all_time", date(2025, 6, 16)),
    ):
        assert value(warehouse, metric, period=period) == counted(events, WINDOWS[metric](end), end)


@pytest.mark.req("PRG-3.2", "PRG-3.7")
def test_groups_have_windows_of_their_own(tmp_path: Path) -> None:
    warehouse, events = busy(tmp_path)
    people = {row["person_id"]: row["team_id"] for row in _people()}
    found = answer(warehouse, "events_7_days", group_by=("team",), grain="week", period="2025-03-03..2025-04-07")
    total = answer(warehouse, "events_7_days", grain="week", period="2025-03-03..2025-04-07")
    sums: dict[date, float] = {}
    for (team, bucket), figure in values(found, "events_7_days").items():
        own = [each for each in events if people[each["person_id"]] == team]
        assert figure == counted(own, bucket, bucket + 7 * DAY)
        sums[bucket] = sums.get(bucket, 0) + (figure or 0)
    assert sums == values(total, "events_7_days")


def _people() -> list[dict[str, Any]]:
    rng = random.Random(3)  # noqa: S311 - the same draw as in `busy`
    return [person(f"p{n}", "2024-12-01", team=rng.choice(["red", "blue"])) for n in range(8)]


@pytest.mark.req("PLT-3.3", "PRG-3.2")
def test_distinct_people_of_a_window_are_counted_over_the_whole_window(tmp_path: Path) -> None:
    warehouse, events = busy(tmp_path)
    found = answer(warehouse, "active_7_days", grain="day", period="2025-03-01..2025-03-15")
    for bucket, figure in values(found, "active_7_days").items():
        plain = sql(
            warehouse,
            f"SELECT count(DISTINCT person_id) FROM events "  # noqa: S608 - our own dates
            f"""WHERE "at" >= DATE '{bucket - 6 * DAY}' AND "at" < DATE '{bucket + DAY}'""",
            events=events,
        )
        assert figure == plain[0][0]


@pytest.mark.req("PLT-3.1", "PRG-3.2")
def test_a_window_is_compared_with_the_window_at_the_same_place_before(tmp_path: Path) -> None:
    warehouse, events = busy(tmp_path)
    found = answer(warehouse, "events_7_days", grain="day", period="2025-03-10..2025-03-20", compare="previous_period")
    for row in range(found.n_rows):
        end = found.value(row, "period") - 10 * DAY + DAY
        assert found.cell(row, "events_7_days").previous == counted(events, end - 7 * DAY, end)
    whole = answer(warehouse, "events_this_month", period="month_to_date", compare="previous_period")
    cell = whole.cell(0, "events_this_month")
    assert cell.value == counted(events, date(2025, 6, 1), date(2025, 6, 16))
    assert cell.previous == counted(events, date(2025, 5, 1), date(2025, 5, 16))


@pytest.mark.req("PRG-3.2")
def test_a_window_counts_whole_days_so_hours_are_refused_and_a_beginning_is_needed(tmp_path: Path) -> None:
    warehouse, _ = busy(tmp_path)
    with pytest.raises(QuestionError, match="whole days"):
        answer(warehouse, "events_7_days", grain="hour", period="yesterday")
    with pytest.raises(QuestionError, match="bounded"):
        answer(warehouse, "events_7_days", grain="day")


OF_WEIGHT = {
    "sum": sum,
    "min": min,
    "max": max,
    "avg": lambda weights: sum(weights) / len(weights),
    "median": statistics.median,
    "count": len,
    "count_distinct": lambda weights: len(set(weights)),
}


@pytest.mark.req("PRG-3.2", "PLT-3.3")
@pytest.mark.parametrize("aggregate", OF_WEIGHT)
def test_every_aggregate_of_a_window_is_that_of_its_rows(tmp_path: Path, aggregate: str) -> None:
    rng = random.Random(8)  # noqa: S311 - made-up rows, not secrets
    weights = [rng.choice([None, 0.25, 1.5, 2.0, 7.0]) for _ in range(60)]
    days = [FIRST + timedelta(days=rng.randint(0, 20)) for _ in weights]
    events = [
        event(f"e{n}", "a", "visit", f"{day}T12:00", weight=weight)
        for n, (day, weight) in enumerate(zip(days, weights, strict=True))
    ]
    metrics = f"""
  plain: {{type: simple, dataset: events, agg: {aggregate}, column: weight}}
  window: {{type: cumulative, metric: plain, window: 5 days}}
"""
    warehouse = company(tmp_path, events=events, metrics=METRICS + metrics)
    found = answer(warehouse, "window", grain="day", period="2025-01-03..2025-01-20")
    for row, (bucket, figure) in enumerate(values(found, "window").items()):
        inside = [
            weight
            for day, weight in zip(days, weights, strict=True)
            if weight is not None and bucket - 4 * DAY <= day <= bucket
        ]
        assert figure == pytest.approx(OF_WEIGHT[aggregate](inside))
        assert found.cell(row, "window").n == len(inside)
