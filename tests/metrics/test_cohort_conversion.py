"""Shares of a cohort that converted: windows, repeated events, order of events, maturity, counts."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from small_company import answer, company, event, person, sql, utc, value, values

JUNE = "2025-06-01..2025-07-01"
SPRING = "2025-03-01..2025-06-01"


@pytest.mark.req("PRG-3.1")
def test_a_conversion_at_the_very_end_of_the_window_is_outside_it(tmp_path: Path) -> None:
    people = [person(key, "2025-05-01T10:00") for key in "abcd"]
    events = [
        event("e1", "a", "buy", "2025-05-08T09:59:59"),  # the last second of the seventh day
        event("e2", "b", "buy", "2025-05-08T10:00:00"),  # seven days exactly
        event("e3", "c", "buy", "2025-05-01T10:00:00"),  # the same moment
        event("e4", "d", "buy", "2025-05-01T09:59:59"),  # before
    ]
    warehouse = company(tmp_path, people=people, events=events)
    assert value(warehouse, "buyers_7_days", period=SPRING) == pytest.approx(2 / 4)
    assert value(warehouse, "buyers", period=SPRING) == pytest.approx(4 / 4)


@pytest.mark.req("PRG-3.1")
def test_buying_again_converts_once_and_the_first_time_in_order_decides(tmp_path: Path) -> None:
    people = [person("a", "2025-05-01"), person("b", "2025-05-01")]
    events = [
        event("e1", "a", "buy", "2025-04-01"),
        event("e2", "a", "buy", "2025-05-03"),
        event("e3", "a", "buy", "2025-05-04"),
        event("e4", "b", "buy", "2025-05-20"),
        event("e5", "b", "buy", "2025-05-21"),
    ]
    warehouse = company(tmp_path, people=people, events=events)
    cell = answer(warehouse, "buyers_7_days", period=SPRING).cell(0, "buyers_7_days")
    assert (cell.value, cell.n) == (pytest.approx(1 / 2), 2)
    assert value(warehouse, "buyer_count", period=SPRING) == 2


@pytest.mark.req("PRG-3.1")
def test_somebody_who_came_several_times_is_one_cohort_member_from_the_first_time_of_each_bucket(
    tmp_path: Path,
) -> None:
    events = [
        event("v1", "a", "visit", "2025-05-01"),
        event("v2", "a", "visit", "2025-05-10"),
        event("b1", "a", "buy", "2025-05-12"),
        event("v3", "a", "visit", "2025-06-01"),
        event("b2", "a", "buy", "2025-06-02"),
    ]
    warehouse = company(tmp_path, people=[person("a", "2025-01-01")], events=events)
    # Over both months the first visit counts, and nothing was bought within three days of it.
    whole = answer(warehouse, "came_back", period="2025-05-01..2025-07-01").cell(0, "came_back")
    assert (whole.value, whole.n) == (0, 1)
    months = answer(warehouse, "came_back", period="2025-05-01..2025-07-01", grain="month")
    assert values(months, "came_back") == {date(2025, 5, 1): 0, date(2025, 6, 1): 1}


@pytest.mark.req("PRG-3.1")
def test_events_of_people_outside_the_cohort_convert_nobody(tmp_path: Path) -> None:
    people = [person("a", "2025-05-01"), person("z", "2024-05-01")]
    events = [event("e1", "z", "buy", "2025-05-02"), event("e2", None, "buy", "2025-05-02")]
    cell = answer(company(tmp_path, people=people, events=events), "buyers", period=SPRING).cell(0, "buyers")
    assert (cell.value, cell.n) == (0, 1)


@pytest.mark.req("PLT-3.2", "PRG-3.1")
def test_a_young_cohort_tells_the_share_that_has_had_its_time(tmp_path: Path) -> None:
    began = ("2025-05-01", "2025-05-20", "2025-06-01", "2025-06-01T23:59", "2025-06-02", "2025-06-14")
    warehouse = company(tmp_path, people=[person(f"p{n}", at) for n, at in enumerate(began)])
    found = answer(warehouse, "buyer_count", "buyers", "of_buyers", period="2025-05-01..2025-07-01")
    assert found.cell(0, "buyer_count").maturing == pytest.approx(4 / 6)  # 14 days before the 15th is the 1st
    assert found.cell(0, "of_buyers").maturing == pytest.approx(4 / 6)
    assert found.cell(0, "buyers").maturing is None  # nothing says how long it takes
    old = answer(warehouse, "buyer_count", period="2025-05-01..2025-06-02").cell(0, "buyer_count")
    assert old.maturing is None


@pytest.mark.req("PLT-3.2")
def test_without_a_maturation_of_its_own_a_cohort_matures_with_its_window(tmp_path: Path) -> None:
    people = [person("a", "2025-06-08"), person("b", "2025-06-09")]
    cell = answer(company(tmp_path, people=people), "buyers_7_days", period=JUNE).cell(0, "buyers_7_days")
    assert cell.maturing == pytest.approx(1 / 2)


@pytest.mark.req("PLT-3.2", "PLT-3.7")
def test_an_immature_cohort_is_never_called_worse_than_a_mature_one(tmp_path: Path) -> None:
    people = [person(f"o{n}", "2025-05-05") for n in range(4)] + [person(f"n{n}", "2025-06-12") for n in range(4)]
    events = [event(f"e{n}", f"o{n}", "buy", "2025-05-09") for n in range(4)]
    warehouse = company(tmp_path, people=people, events=events)
    found = answer(warehouse, "buyers_7_days", period="this_month", compare="previous_period")
    cell = found.cell(0, "buyers_7_days")
    assert (cell.value, cell.previous, cell.maturing) == (0, 1, 0)
    assert (cell.change, cell.good) == (-1, None)


@pytest.mark.req("PLT-3.4")
def test_where_nobody_began_the_rate_has_no_denominator_and_the_count_is_zero(tmp_path: Path) -> None:
    people = [person("a", "2025-05-01"), person("b", "2025-07-01")]
    warehouse = company(tmp_path, people=people, events=[event("e", "a", "buy", "2025-05-02")])
    found = answer(
        warehouse, "buyers", "buyer_count", grain="month", period="2025-05-01..2025-08-01", now="2025-08-15T12:00"
    )
    assert values(found, "buyers") == {date(2025, 5, 1): 1, date(2025, 6, 1): None, date(2025, 7, 1): 0}
    assert found.cell(1, "buyers").state == "zero_denominator"
    assert values(found, "buyer_count") == {date(2025, 5, 1): 1, date(2025, 6, 1): 0, date(2025, 7, 1): 0}
    assert found.cell(1, "buyer_count").state == "ok"


@pytest.mark.req("PLT-3.4", "PRG-3")
def test_a_ratio_over_a_converted_count_has_the_converted_as_its_observations(tmp_path: Path) -> None:
    people = [person(f"p{n}", "2025-05-01") for n in range(10)]
    events = [event(f"e{n}", f"p{n}", "buy", "2025-05-02") for n in range(2)]
    cell = answer(company(tmp_path, people=people, events=events), "of_buyers", period=SPRING).cell(0, "of_buyers")
    assert (cell.value, cell.n, cell.state) == (1, 2, "too_few")


@pytest.mark.req("PRG-3.1", "PRG-3.7")
def test_random_cohorts_by_team_and_month_agree_with_plain_sql(tmp_path: Path) -> None:
    rng = random.Random(11)  # noqa: S311 - made-up rows, not secrets
    people = []
    events = []
    for number in range(120):
        began = utc("2025-03-01") + timedelta(hours=rng.randint(0, 80 * 24))
        people.append(person(f"p{number}", began.replace(tzinfo=None).isoformat(), team=rng.choice(["red", "blue"])))
        for each in range(rng.randint(0, 3)):
            at = began + timedelta(hours=rng.randint(-48, 12 * 24))
            kind = rng.choice(["visit", "buy"])
            events.append(event(f"e{number}-{each}", f"p{number}", kind, at.replace(tzinfo=None).isoformat()))
    warehouse = company(tmp_path, people=people, events=events)
    found = answer(warehouse, "buyers_7_days", "buyers", group_by=("team",), grain="month", period=SPRING)
    plain = sql(
        warehouse,
        """
        SELECT team_id, date_trunc('month', began_at)::DATE,
               count(*) FILTER (WHERE EXISTS (
                   SELECT 1 FROM events e WHERE e.person_id = p.person_id AND kind = 'buy'
                   AND e.at >= p.began_at AND e.at < p.began_at + INTERVAL 7 DAY)) / count(*),
               count(*) FILTER (WHERE EXISTS (
                   SELECT 1 FROM events e WHERE e.person_id = p.person_id AND kind = 'buy')) / count(*)
        FROM people p WHERE began_at < '2025-06-01' GROUP BY ALL
        """,
        people=people,
        events=events,
    )
    assert values(found, "buyers_7_days") == pytest.approx({(team, month): rate for team, month, rate, _ in plain})
    assert values(found, "buyers") == pytest.approx({(team, month): rate for team, month, _, rate in plain})


@pytest.mark.req("PRG-3.1")
def test_a_filter_of_the_base_does_not_filter_the_conversion(tmp_path: Path) -> None:
    people = [person("a", "2025-05-01", origin="fair"), person("b", "2025-05-01", origin="web")]
    events = [event("e1", "a", "buy", "2025-05-02"), event("e2", "b", "buy", "2025-05-02")]
    warehouse = company(tmp_path, people=people, events=events)
    cell = answer(warehouse, "buyers", period=SPRING, where="origin = 'fair'").cell(0, "buyers")
    assert (cell.value, cell.n) == (1, 1)
