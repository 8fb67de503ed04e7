"""Periods as people name them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.definitions.periods import parse_period

pytestmark = pytest.mark.req("PLT-3.1")

SATURDAY = date(2024, 8, 17)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
WEEK_STARTS = st.sampled_from(["monday", "sunday", "saturday"])
UNITS = st.sampled_from(["week", "month", "quarter", "year"])
MONTHS = st.integers(1, 12)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", "2024-08-17", "2024-08-18"),
        ("yesterday", "2024-08-16", "2024-08-17"),
        ("last_1_days", "2024-08-16", "2024-08-17"),
        ("last_90_days", "2024-05-19", "2024-08-17"),
        ("last_2_weeks", "2024-07-29", "2024-08-12"),
        ("last_3_months", "2024-05-01", "2024-08-01"),
        ("last_1_quarters", "2024-04-01", "2024-07-01"),
        ("last_2_years", "2022-01-01", "2024-01-01"),
        ("this_week", "2024-08-12", "2024-08-19"),
        ("last_week", "2024-08-05", "2024-08-12"),
        ("this_month", "2024-08-01", "2024-09-01"),
        ("last_month", "2024-07-01", "2024-08-01"),
        ("this_quarter", "2024-07-01", "2024-10-01"),
        ("last_quarter", "2024-04-01", "2024-07-01"),
        ("this_year", "2024-01-01", "2025-01-01"),
        ("last_year", "2023-01-01", "2024-01-01"),
        ("month_to_date", "2024-08-01", "2024-08-18"),
        ("quarter_to_date", "2024-07-01", "2024-08-18"),
        ("year_to_date", "2024-01-01", "2024-08-18"),
        ("2024-02-28..2024-03-01", "2024-02-28", "2024-03-01"),
    ],
)
def test_a_period_has_a_first_day_and_a_day_after_the_last(text, start, end):
    assert parse_period(text, today=SATURDAY) == (date.fromisoformat(start), date.fromisoformat(end))


def test_all_time_is_unbounded():
    assert parse_period("all_time", today=SATURDAY) == (None, None)


@pytest.mark.parametrize(
    ("text", "week_start", "fiscal_year_start", "start", "end"),
    [
        ("this_week", "sunday", 1, "2024-08-11", "2024-08-18"),
        ("this_week", "saturday", 1, "2024-08-17", "2024-08-24"),
        ("this_year", "monday", 7, "2024-07-01", "2025-07-01"),
        ("this_year", "monday", 10, "2023-10-01", "2024-10-01"),
        ("this_quarter", "monday", 2, "2024-08-01", "2024-11-01"),
        ("last_quarter", "monday", 12, "2024-03-01", "2024-06-01"),
    ],
)
def test_weeks_and_years_begin_where_the_workspace_says(text, week_start, fiscal_year_start, start, end):
    bounds = parse_period(text, today=SATURDAY, week_start=week_start, fiscal_year_start=fiscal_year_start)
    assert bounds == (date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "last_days",
        "last_0_days",
        "last_day",
        "this_day",
        "this_3_weeks",
        "last_3_week",
        "week_to_date",
        "last_90_days ago",
        "2024-02-30..2024-03-01",
        "2024-03-01..2024-03-01",
        "2024-03-01",
        "last_99999_days",
        "last_9999_years",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="period"):
        parse_period(text, today=SATURDAY)


@given(DAYS, UNITS, WEEK_STARTS, MONTHS)
def test_this_unit_holds_today_and_follows_the_last_one_without_a_gap(today, unit, week_start, first_month):
    calendar = {"week_start": week_start, "fiscal_year_start": first_month}
    start, end = parse_period(f"this_{unit}", today=today, **calendar)
    before, until = parse_period(f"last_{unit}", today=today, **calendar)
    assert start <= today < end
    assert until == start
    assert parse_period(f"this_{unit}", today=before, **calendar) == (before, until)
    assert parse_period(f"last_1_{unit}s", today=today, **calendar) == (before, until)


@given(DAYS, st.integers(1, 1000))
def test_last_days_are_complete_and_so_many(today, number):
    start, end = parse_period(f"last_{number}_days", today=today)
    assert end == today
    assert end - start == timedelta(days=number)


@pytest.mark.req("PLT-3")
def test_a_dashboard_with_a_wrong_period_is_told_what_is_allowed(load_pack, sound_pack):
    text = sound_pack["dashboards/shelf.yaml"].replace("variables", "period: last_90_dys\nvariables")
    [issue] = load_pack({"dashboards/shelf.yaml": text}).issues
    assert str(issue).startswith(
        'acme/dashboards/shelf.yaml:3:1  dashboard "shelf" › period\n  "last_90_dys" is not a period\n'
        '  did you mean "last_90_days"? allowed: today, yesterday, '
    )
    assert issue.code == "PACK-E030"
