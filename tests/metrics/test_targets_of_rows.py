"""Targets: the amount for the period asked, the part of it due by now, and for whom it holds."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from pathlib import Path

import pytest
from small_company import METRICS, answer, company, event, person, viewer

from sightline.metrics.answer import Cell
from sightline.metrics.question import Filter, Order
from sightline.metrics.warehouse import Warehouse

TARGETS = """
  monthly: {type: simple, dataset: events, agg: count, targets: [{value: 310, per: month}]}
  worked:
    type: simple
    dataset: events
    agg: count
    targets: [{value: 200, per: month, pacing: business_days}]
  seasonal:
    type: simple
    dataset: events
    agg: count
    targets: [{value: 100, per: month, pacing: seasonal}]
  yearly: {type: simple, dataset: events, agg: count, targets: [{value: 365, per: year, pacing: business_days}]}
  revised:
    type: simple
    dataset: events
    agg: count
    targets: [{value: 310, per: month}, {value: 620, per: month, since: 2025-06-11}]
  hourly: {type: simple, dataset: events, agg: count, targets: [{value: 2, per: hour}]}
  ended: {type: simple, dataset: events, agg: count, targets: [{value: 310, per: month, until: 2025-05-11}]}
  by_team:
    type: simple
    dataset: events
    agg: count
    targets:
      - {value: 90, per: month}
      - {value: 60, per: month, segment: {team: red}}
      - {value: 31, per: month, segment: {team: red, kind: buy}}
  level:
    type: ratio
    numerator: bought
    denominator: events
    targets:
      - {value: 0.5}
      - {value: 0.6, since: 2025-05-01}
      - {value: 0.9, segment: {team: red}}
  aimed:
    type: simple
    dataset: events
    agg: count
    targets: [{value: 40}, {value: 25, segment: {team: red}}]
  doubled: {type: derived, expression: "2 * aimed + events", targets: [{value: 120}]}
  floored: {type: derived, expression: "greatest(aimed - 1, 0)", targets: [{value: 20}]}
  chosen: {type: derived, expression: "case when aimed > 3 then aimed else 0 end", targets: [{value: 30}]}
  per_event: {type: derived, expression: "aimed / nullif(events, 0) + 1", targets: [{value: 3}]}
"""
MAY = "2025-05-01..2025-06-01"


def small(root: Path, **settings: object) -> Warehouse:
    people = [person("a", "2020-01-01"), person("b", "2020-01-01", team="blue")]
    events = [event("e1", "a", "buy", "2025-06-02"), event("e2", "b", "visit", "2025-06-03")]
    events += [event("e3", "a", "buy", "2025-06-14"), event("e4", "b", "visit", "2025-06-14")]  # the data is current
    return company(root, people=people, events=events, metrics=METRICS + TARGETS, **settings)


def cell(warehouse: Warehouse, metric: str, **question: object) -> Cell:
    return answer(warehouse, metric, **question).cell(0, metric)


@pytest.mark.req("PLT-3.5")
@pytest.mark.parametrize(
    ("period", "whole", "due"),
    [
        (MAY, 310, 310),
        ("2025-05-11..2025-06-01", 210, 210),
        ("2025-05-16..2025-06-16", 16 * 10 + 15 * 310 / 30, 16 * 10 + 14 * 310 / 30),
        ("this_month", 310, 14 * 310 / 30),
        ("2025-02-01..2025-03-01", 310, 310),
        ("this_quarter", 930, 310 * 2 + 14 * 310 / 30),
        ("2025-07-01..2025-08-01", 310, 0),
    ],
)
def test_a_monthly_amount_is_prorated_by_day(tmp_path: Path, period: str, whole: float, due: float) -> None:
    found = cell(small(tmp_path), "monthly", period=period)
    assert (found.target, found.expected) == (pytest.approx(whole), pytest.approx(due))
    assert found.value is not None
    assert found.gap == pytest.approx(found.value - due)


@pytest.mark.req("PLT-3.5")
def test_business_days_carry_the_amount_and_holidays_do_not(tmp_path: Path) -> None:
    holidays = ["2025-06-09", "2025-06-19", "2025-06-21"]  # a Monday, a Thursday and a Saturday
    working = [
        day
        for day in (date(2025, 6, n) for n in range(1, monthrange(2025, 6)[1] + 1))
        if day.weekday() < 5 and str(day) not in holidays
    ]
    found = cell(small(tmp_path, holidays=holidays), "worked", period="this_month")
    assert found.target == pytest.approx(200)
    assert found.expected == pytest.approx(200 * sum(day < date(2025, 6, 15) for day in working) / len(working))
    weekend = cell(small(tmp_path / "again", holidays=holidays), "worked", period="2025-06-07..2025-06-09")
    assert weekend.target == 0


@pytest.mark.req("PLT-3.5")
def test_a_seasonal_amount_follows_the_same_weekdays_a_year_before(tmp_path: Path) -> None:
    before = {date(2025, 6, 1) + timedelta(days=n) - timedelta(days=364): 1 + n % 5 for n in range(30)}
    events = [event(f"{day}-{n}", "a", "visit", f"{day}T12:00") for day, count in before.items() for n in range(count)]
    events.append(event("current", "a", "visit", "2025-06-14"))
    warehouse = company(tmp_path, events=events, metrics=METRICS + TARGETS)
    found = cell(warehouse, "seasonal", period="this_month")
    due = sum(count for day, count in before.items() if day + timedelta(days=364) < date(2025, 6, 15))
    assert found.target == pytest.approx(100)
    assert found.expected == pytest.approx(100 * due / sum(before.values()))


@pytest.mark.req("PLT-3.5")
def test_without_a_season_before_the_amount_is_even(tmp_path: Path) -> None:
    found = cell(small(tmp_path), "seasonal", period="this_month")
    assert (found.target, found.expected) == (pytest.approx(100), pytest.approx(100 * 14 / 30))


@pytest.mark.req("PLT-3.5")
def test_a_revised_target_replaces_the_one_before_from_its_day_on(tmp_path: Path) -> None:
    found = cell(small(tmp_path), "revised", period="2025-06-01..2025-07-01")
    assert found.target == pytest.approx(310 * 10 / 30 + 620 * 20 / 30)


@pytest.mark.req("PLT-3.5")
def test_a_target_that_has_ended_asks_for_nothing_more(tmp_path: Path) -> None:
    warehouse = small(tmp_path)
    assert cell(warehouse, "ended", period=MAY).target == pytest.approx(100)
    assert cell(warehouse, "ended", period="2025-06-01..2025-07-01").target is None


@pytest.mark.req("PLT-3.5")
def test_an_amount_holds_for_exactly_its_segment(tmp_path: Path) -> None:
    warehouse = small(tmp_path)
    june = "2025-06-01..2025-07-01"
    assert cell(warehouse, "by_team", period=june).target == pytest.approx(90)
    found = answer(warehouse, "by_team", group_by=("team",), period=june)
    targets = {found.value(row, "team"): found.cell(row, "by_team").target for row in range(found.n_rows)}
    assert targets == {"red": pytest.approx(60), "blue": None}
    red = Filter("team", ("red",))
    assert cell(warehouse, "by_team", period=june, filters=(red,)).target == pytest.approx(60)
    bought = (red, Filter("kind", ("buy",)))
    assert cell(warehouse, "by_team", period=june, filters=bought).target == pytest.approx(31)


@pytest.mark.req("PLT-3.5")
@pytest.mark.parametrize(
    "narrowed",
    [
        {"filters": (Filter("team", ("red", "blue")),)},
        {"filters": (Filter("team", ("red",), "not_in"),)},
        {"filters": (Filter("kind", ("bu",), "contains"),)},
        {"where": "kind = 'buy'"},
    ],
)
def test_a_part_that_no_target_describes_is_not_held_against_the_amount_of_the_whole(
    tmp_path: Path, narrowed: dict[str, object]
) -> None:
    assert cell(small(tmp_path), "by_team", period="2025-06-01..2025-07-01", **narrowed).target is None


@pytest.mark.req("PLT-3.5", "PRG-4.1")
def test_who_sees_a_part_of_the_rows_is_not_held_against_the_amount_of_all(tmp_path: Path) -> None:
    warehouse = small(tmp_path)
    partner = viewer({"*": "team in $user.team"}, team=("red",))
    june = "2025-06-01..2025-07-01"
    assert cell(warehouse, "by_team", period=june, viewer=partner).target is None
    red = answer(warehouse, "by_team", group_by=("team",), period=june, viewer=partner)
    assert red.cell(0, "by_team").target == pytest.approx(60)
    north = viewer({"*": "region in $user.region"}, region=("north",))  # a team is of one region
    assert answer(warehouse, "by_team", group_by=("team",), period=june, viewer=north).cell(0, "by_team").target == 60
    own = viewer({"*": "person in $user.me"}, me=("a",))  # one of the red team, who sees no more of it
    assert answer(warehouse, "by_team", group_by=("team",), period=june, viewer=own).cell(0, "by_team").target is None
    assert answer(warehouse, "aimed", group_by=("team",), period=june, viewer=own).cell(0, "aimed").target is None


@pytest.mark.req("PLT-3.5", "PLT-3.7")
def test_a_level_holds_for_every_row_and_the_latest_and_nearest_wins(tmp_path: Path) -> None:
    warehouse = small(tmp_path)
    assert cell(warehouse, "level", period="2025-04-01..2025-05-01").target == 0.5
    june = cell(warehouse, "level", period="this_month")
    assert (june.target, june.expected, june.gap) == (0.6, 0.6, pytest.approx(0.5 - 0.6))
    found = answer(warehouse, "level", group_by=("team",), period="this_month")
    targets = {found.value(row, "team"): found.cell(row, "level").target for row in range(found.n_rows)}
    assert targets == {"red": 0.9, "blue": 0.6}


@pytest.mark.req("PLT-3.5", "PRG-4.1")
def test_the_level_of_an_amount_holds_for_the_whole_and_that_of_a_rate_for_every_part(tmp_path: Path) -> None:
    warehouse = small(tmp_path)
    names = ("aimed", "doubled", "floored", "chosen", "per_event")

    def targets(**asked: object) -> list[list[float | None]]:
        found = answer(warehouse, *names, period="this_month", **asked)
        return [[found.cell(row, each).target for each in names] for row in range(found.n_rows)]

    assert targets() == [[40, 120, 20, 30, 3]]
    assert targets(group_by=("team",), order=(Order("team"),)) == [
        [None, None, None, None, 3],
        [25, None, None, None, 3],
    ]
    assert targets(filters=(Filter("team", ("red",)),)) == [[25, None, None, None, 3]]
    assert targets(where="kind = 'buy'") == [[None, None, None, None, 3]]
    red = viewer({"*": "team in $user.team"}, team=("red",))
    assert targets(viewer=red) == [[None, None, None, None, 3]]
    assert targets(viewer=red, group_by=("team",)) == [[25, None, None, None, 3]]


@pytest.mark.req("PLT-3.5")
def test_each_bucket_has_its_share(tmp_path: Path) -> None:
    found = answer(small(tmp_path), "monthly", grain="week", period="2025-05-01..2025-06-16")
    targets = [found.cell(row, "monthly").target for row in range(found.n_rows)]
    assert targets[0] == pytest.approx(40)  # from Thursday 1 May to Sunday the 4th
    assert targets[4] == pytest.approx(6 * 10 + 310 / 30)  # the week of 26 May reaches into June
    assert sum(each or 0 for each in targets) == pytest.approx(310 + 15 * 310 / 30)


@pytest.mark.req("PLT-3.5")
def test_a_monthly_amount_says_nothing_about_an_hour(tmp_path: Path) -> None:
    found = answer(small(tmp_path), "monthly", grain="hour", period="yesterday")
    assert found.cell(0, "monthly").target is None


@pytest.mark.req("PLT-3.5")
@pytest.mark.parametrize(
    ("period", "whole", "due"),
    [
        ("2025-06-10..2025-06-11", 2 * 24, 2 * 24),
        ("2025-06-13..2025-06-17", 2 * 24 * 4, 2 * 24 * 2),  # the 15th is today, so that two days are over
        ("2025-03-30..2025-03-31", 2 * 23, 2 * 23),  # the clocks of Berlin went forward
        ("2024-10-27..2024-10-28", 2 * 25, 2 * 25),
    ],
)
def test_an_hourly_amount_counts_every_hour_of_the_day(tmp_path: Path, period: str, whole: float, due: float) -> None:
    found = cell(small(tmp_path, zone="Europe/Berlin"), "hourly", period=period)
    assert (found.target, found.expected) == (pytest.approx(whole), pytest.approx(due))


@pytest.mark.req("PLT-3.5")
def test_each_hour_has_its_own_hourly_amount(tmp_path: Path) -> None:
    warehouse = small(tmp_path, zone="Europe/Berlin")
    for period, whole in (("yesterday", [2] * 24), ("2025-03-30..2025-03-31", [2, 2, 0, *[2] * 21])):
        found = answer(warehouse, "hourly", grain="hour", period=period)
        assert [found.cell(row, "hourly").target for row in range(found.n_rows)] == whole


@pytest.mark.req("PLT-3.5")
def test_the_days_of_a_year_add_up_to_the_target_of_the_year(tmp_path: Path) -> None:
    found = answer(small(tmp_path), "yearly", grain="day", period="2024-01-01..2025-01-01")
    assert sum(found.cell(row, "yearly").target or 0 for row in range(found.n_rows)) == pytest.approx(365)
