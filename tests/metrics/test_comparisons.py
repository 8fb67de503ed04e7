"""Comparison is a parameter of every question: which days, which buckets, which sign, good or bad."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from small_company import answer, company, event, person, values

from sightline.metrics.answer import Answer
from sightline.metrics.question import Filter, Order, QuestionError
from sightline.metrics.warehouse import Warehouse


def daily(root: Path, first: str, last: str, *, kind: str = "visit", **settings: object) -> Warehouse:
    """Return a company with one event at noon of every day."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    events = [event(f"e{day}", "a", kind, f"{day}T12:00") for day in days]
    return company(root, people=[person("a", "2020-01-01")], events=events, **settings)


def compared(found: Answer) -> tuple[str, str]:
    assert found.comparison is not None
    return str(found.comparison.start), str(found.comparison.end)


@pytest.mark.req("PLT-3.1")
@pytest.mark.parametrize(
    ("period", "compare", "now", "start", "end"),
    [
        ("last_7_days", "previous_period", "2025-06-15", "2025-06-01", "2025-06-08"),
        ("last_30_days", "previous_period", "2025-06-15", "2025-04-16", "2025-05-16"),
        ("last_30_days", "previous_period", "2025-05-01", "2025-03-02", "2025-04-01"),  # it is April, yet 30 days
        ("2025-04-01..2025-05-01", "previous_period", "2025-06-15", "2025-03-01", "2025-04-01"),
        ("last_month", "previous_period", "2025-03-10", "2025-01-01", "2025-02-01"),
        ("last_3_months", "previous_period", "2025-06-15", "2024-12-01", "2025-03-01"),
        ("last_quarter", "previous_period", "2025-06-15", "2024-10-01", "2025-01-01"),
        ("last_year", "previous_period", "2025-06-15", "2023-01-01", "2024-01-01"),
        ("month_to_date", "previous_period", "2025-03-31", "2025-02-01", "2025-03-01"),
        ("month_to_date", "previous_period", "2025-03-10", "2025-02-01", "2025-02-11"),
        ("quarter_to_date", "previous_period", "2025-05-20", "2025-01-01", "2025-02-21"),
        ("year_to_date", "previous_period", "2024-02-29", "2023-01-01", "2023-03-01"),
        ("this_month", "previous_period", "2025-03-30", "2025-02-01", "2025-03-01"),
        ("this_month", "same_point", "2025-06-15", "2025-05-01", "2025-05-16"),
        ("this_quarter", "same_point", "2025-05-15", "2025-01-01", "2025-02-15"),
        ("this_week", "previous_period", "2025-06-11", "2025-06-02", "2025-06-05"),
        ("this_year", "previous_year", "2025-06-15", "2024-01-01", "2024-06-15"),
        ("last_month", "previous_year", "2025-03-10", "2024-02-01", "2024-03-01"),
        ("last_month", "previous_year", "2024-03-10", "2023-02-01", "2023-03-01"),
        ("2024-02-29..2024-03-01", "previous_year", "2024-06-15", "2023-02-28", "2023-03-01"),
        ("last_7_days", "previous_year", "2025-06-15", "2024-06-08", "2024-06-15"),
        ("last_7_days", "same_weekdays", "2025-06-15", "2025-06-01", "2025-06-08"),
        ("yesterday", "same_weekdays", "2025-06-15", "2025-06-07", "2025-06-08"),
        ("last_30_days", "same_weekdays", "2025-06-15", "2025-04-11", "2025-05-11"),
        ("today", "previous_period", "2025-06-15", "2025-06-14", "2025-06-15"),
    ],
)
def test_the_days_compared_with(tmp_path: Path, period: str, compare: str, now: str, start: str, end: str) -> None:
    warehouse = company(tmp_path)
    found = answer(warehouse, "events", period=period, compare=compare, now=f"{now}T12:00")
    assert compared(found) == (start, end)


@pytest.mark.req("PLT-3.1", "PLT-3.2")
def test_an_open_year_is_compared_with_as_many_days_of_the_year_before(tmp_path: Path) -> None:
    warehouse = daily(tmp_path, "2024-01-01", "2025-06-15")
    cell = answer(warehouse, "events", period="this_year", compare="previous_year").cell(0, "events")
    assert (cell.value, cell.previous) == (166, 166)


@pytest.mark.req("PLT-3.1")
def test_each_bucket_stands_beside_the_bucket_at_the_same_place(tmp_path: Path) -> None:
    warehouse = daily(tmp_path, "2024-11-01", "2025-06-15")
    found = answer(warehouse, "events", grain="month", period="2025-03-01..2025-05-01", compare="previous_period")
    assert values(found, "events") == {date(2025, 3, 1): 31, date(2025, 4, 1): 30}
    assert [found.cell(row, "events").previous for row in range(2)] == [31, 28]  # January, February
    weeks = answer(warehouse, "events", grain="week", period="2025-05-05..2025-06-02", compare="same_weekdays")
    assert [weeks.cell(row, "events").previous for row in range(weeks.n_rows)] == [7, 7, 7, 7]


@pytest.mark.req("PLT-3.1", "PLT-3.2")
def test_the_unfinished_month_of_a_quarter_is_compared_with_as_much_of_its_counterpart(tmp_path: Path) -> None:
    warehouse = daily(tmp_path, "2024-11-01", "2025-05-10")
    found = answer(
        warehouse, "events", grain="month", period="this_quarter", compare="previous_period", now="2025-05-10T20:00"
    )
    rows = [(found.value(row, "period"), found.cell(row, "events")) for row in range(found.n_rows)]
    assert [(period, cell.value, cell.previous) for period, cell in rows] == [
        (date(2025, 4, 1), 30, 31),
        (date(2025, 5, 1), 10, 9),  # 40 days of the quarter: the 40 days to 9 February
    ]


@pytest.mark.req("PLT-3.1")
def test_a_group_that_only_existed_before_is_a_row_that_fell_to_zero(tmp_path: Path) -> None:
    people = [person("a", "2020-01-01"), person("b", "2020-01-01", team="blue")]
    events = [event("e1", "b", "buy", "2025-04-05", 8), event("e2", "a", "buy", "2025-05-05", 4)]
    found = answer(
        company(tmp_path, people=people, events=events),
        "events",
        "amount",
        "mean_amount",
        group_by=("team",),
        period="2025-05-01..2025-06-01",
        compare="previous_period",
    )
    cells = {found.value(row, "team"): found.cell(row, "events") for row in range(found.n_rows)}
    assert (cells["blue"].value, cells["blue"].previous, cells["blue"].change) == (0, 1, -1)
    assert (cells["red"].value, cells["red"].previous, cells["red"].change) == (1, 0, None)
    mean = {found.value(row, "team"): found.cell(row, "mean_amount") for row in range(found.n_rows)}
    assert (mean["blue"].value, mean["blue"].previous, mean["blue"].change) == (None, 8, None)


@pytest.mark.req("PLT-3.7")
@pytest.mark.parametrize(
    ("metric", "before", "after", "change", "kind", "good"),
    [
        ("amount", [10], [12], 0.2, "relative", True),
        ("amount", [10], [8], -0.2, "relative", False),
        ("mean_amount", [10], [8], -0.2, "relative", True),
        ("mean_amount", [10], [12], 0.2, "relative", False),
        ("weight", [10], [12], 0.2, "relative", None),
        ("amount", [10], [10], 0, "relative", None),
        ("amount", [-10], [5], 1.5, "relative", True),
    ],
)
def test_a_change_is_signed_and_judged_by_the_direction_of_the_metric(
    tmp_path: Path,
    metric: str,
    before: Sequence[float],
    after: Sequence[float],
    change: float,
    kind: str,
    good: bool | None,
) -> None:
    events = [event(f"b{n}", "a", "buy", "2025-04-05", each, weight=each) for n, each in enumerate(before)]
    events += [event(f"a{n}", "a", "buy", "2025-05-05", each, weight=each) for n, each in enumerate(after)]
    warehouse = company(tmp_path, people=[person("a", "2020-01-01")], events=events)
    found = answer(warehouse, metric, period="2025-05-01..2025-06-01", compare="previous_period")
    cell = found.cell(0, metric)
    assert (cell.change, cell.change_kind, cell.good) == (pytest.approx(change), kind, good)


@pytest.mark.req("PLT-3.7")
def test_a_rate_changes_by_points(tmp_path: Path) -> None:
    events = [event(f"b{n}", "a", "buy" if n < 1 else "visit", "2025-04-05") for n in range(4)]
    events += [event(f"a{n}", "a", "buy" if n < 2 else "visit", "2025-05-05") for n in range(4)]
    found = answer(
        company(tmp_path, events=events), "bought_share", period="2025-05-01..2025-06-01", compare="previous_period"
    )
    cell = found.cell(0, "bought_share")
    assert (cell.value, cell.previous, cell.change, cell.change_kind) == (0.5, 0.25, 0.25, "difference")
    assert cell.good is False


@pytest.mark.req("PLT-3.1", "PLT-3.3")
def test_peers_are_all_groups_together_recomputed_and_never_averaged(tmp_path: Path) -> None:
    people = [person("a", "2020-01-01"), person("b", "2020-01-01", team="blue")]
    events = [event("r1", "a", "buy", "2025-05-05")]
    events += [event(f"b{n}", "b", "visit", "2025-05-05") for n in range(3)]
    warehouse = company(tmp_path, people=people, events=events)
    found = answer(
        warehouse, "bought_share", "events", group_by=("team",), period="2025-05-01..2025-06-01", compare="peers"
    )
    cells = {found.value(row, "team"): found.cell(row, "bought_share") for row in range(found.n_rows)}
    assert {team: (cell.value, cell.previous, cell.change) for team, cell in cells.items()} == {
        "red": (1, 0.25, 0.75),
        "blue": (0, 0.25, -0.25),
    }
    assert [column.name for column in found.columns][:5] == [
        "team",
        "team_label",
        "bought_share",
        "bought_share__previous",
        "bought_share__change",
    ]


@pytest.mark.req("PLT-3.1")
def test_peers_by_month_are_those_of_the_same_month(tmp_path: Path) -> None:
    people = [person("a", "2020-01-01"), person("b", "2020-01-01", team="blue")]
    events = [event("r1", "a", "buy", "2025-04-05"), event("b1", "b", "visit", "2025-05-05")]
    found = answer(
        company(tmp_path, people=people, events=events),
        "events",
        group_by=("team",),
        grain="month",
        period="2025-04-01..2025-06-01",
        compare="peers",
        filters=(Filter("team", ("red", "blue")),),
        order=(Order("team"), Order("period")),
    )
    assert [found.cell(row, "events").previous for row in range(found.n_rows)] == [1, 1, 1, 1]


@pytest.mark.req("PLT-3.1")
def test_an_order_by_what_peers_add_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="cannot order by"):
        answer(company(tmp_path), "events", group_by=("team",), compare="peers", order=(Order("events__change", True),))


@pytest.mark.req("PLT-3.1")
@pytest.mark.parametrize("compare", ["previous_period", "previous_year", "same_weekdays", "same_point"])
def test_all_time_has_nothing_before_it(tmp_path: Path, compare: str) -> None:
    with pytest.raises(QuestionError, match="no beginning"):
        answer(company(tmp_path), "events", compare=compare)


@pytest.mark.req("PLT-3.2")
def test_a_period_that_has_not_begun_is_empty_and_compares_with_nothing(tmp_path: Path) -> None:
    warehouse = daily(tmp_path, "2025-01-01", "2025-06-15")
    found = answer(warehouse, "events", period="2025-07-01..2025-08-01", compare="previous_period")
    cell = found.cell(0, "events")
    assert (cell.value, cell.previous, cell.change) == (0, 0, None)
    by_day = answer(warehouse, "events", grain="day", period="2025-07-01..2025-08-01")
    assert by_day.n_rows == 0


@pytest.mark.req("PLT-3.2")
def test_hours_that_have_not_begun_are_not_drawn_as_zero(tmp_path: Path) -> None:
    warehouse = daily(tmp_path, "2025-06-14", "2025-06-15")
    found = answer(warehouse, "events", grain="hour", period="today", now="2025-06-15T12:30")
    assert [moment.hour for moment in found.data["period"]] == list(range(13))
