"""The mistakes that business-intelligence tools are known for, each on a handful of rows counted by hand."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from shop_workspace import answer, item, local, order, payment, shop, utc, values

from sightline.metrics.question import Filter, Order, QuestionError

MARCH = "2025-03-01..2025-04-01"


@pytest.mark.req("PLT-3.3")
def test_a_fan_out_never_multiplies_the_amount_of_an_order_by_its_items(tmp_path: Path) -> None:
    warehouse = shop(
        tmp_path,
        orders=[order("o1", "c1", utc("2025-03-05"), 100), order("o2", "c3", utc("2025-03-06"), 50)],
        items=[item("i1", "o1", "a", 1), item("i2", "o1", "b", 2), item("i3", "o1", "c", 3), item("i4", "o2", "a", 1)],
    )
    found = answer(warehouse, "sales", "quantity", group_by=("region",), period=MARCH)
    assert values(found, "sales") == {"north": 100, "south": 50}
    assert values(found, "quantity") == {"north": 6, "south": 1}


@pytest.mark.req("PLT-3.3")
def test_an_amount_by_a_dimension_that_would_fan_out_is_refused(tmp_path: Path) -> None:
    warehouse = shop(tmp_path, orders=[order("o1", "c1", utc("2025-03-05"), 100)])
    with pytest.raises(QuestionError, match="sku"):
        answer(warehouse, "sales", group_by=("sku",), period=MARCH)


@pytest.mark.req("PLT-3.3")
def test_a_chasm_between_items_and_payments_multiplies_neither(tmp_path: Path) -> None:
    warehouse = shop(
        tmp_path,
        orders=[order("o1", "c1", utc("2025-03-05"), 90)],
        items=[item("i1", "o1", "a", 2), item("i2", "o1", "b", 5)],
        payments=[payment(f"p{n}", "o1", 30, utc("2025-03-07")) for n in range(3)],
    )
    found = answer(warehouse, "quantity", "paid", "sales", "open_amount", group_by=("customer",), period=MARCH)
    assert found.table.num_rows == 1
    assert [found.cell(0, name).value for name in ("quantity", "paid", "sales", "open_amount")] == [7, 90, 90, 0]


@pytest.mark.req("PLT-3.3")
def test_a_ratio_divides_sums_and_never_averages_the_ratios_of_its_parts(tmp_path: Path) -> None:
    orders = [order("o1", "c1", utc("2025-03-05"), 100)]
    orders += [order(f"s{n}", "c3", utc("2025-03-06"), 10) for n in range(9)]
    warehouse = shop(tmp_path, orders=orders)
    assert values(answer(warehouse, "order_value", group_by=("region",), period=MARCH), "order_value") == {
        "north": 100,
        "south": 10,
    }
    assert answer(warehouse, "order_value", period=MARCH).cell(0, "order_value").value == pytest.approx(19)


@pytest.mark.req("PLT-3.3")
def test_distinct_buyers_are_not_the_sum_of_the_months(tmp_path: Path) -> None:
    moments = ("2025-02-05", "2025-03-05", "2025-03-20")
    warehouse = shop(tmp_path, orders=[order(f"o{n}", "c1", utc(at)) for n, at in enumerate(moments)])
    by_month = answer(warehouse, "buyers", grain="month", period="2025-02-01..2025-04-01")
    assert values(by_month, "buyers") == {date(2025, 2, 1): 1, date(2025, 3, 1): 1}
    assert answer(warehouse, "buyers", period="2025-02-01..2025-04-01").cell(0, "buyers").value == 1


@pytest.mark.req("PLT-3.3")
def test_customers_of_the_same_name_stay_two(tmp_path: Path) -> None:
    warehouse = shop(tmp_path, orders=[order("o1", "c2", utc("2025-03-05")), order("o2", "c3", utc("2025-03-05"))])
    found = answer(warehouse, "orders", group_by=("customer",), period=MARCH)
    assert values(found, "orders") == {"c2": 1, "c3": 1}
    assert found.table.column("customer_label").to_pylist() == ["Ben", "Ben"]


@pytest.mark.req("PLT-3.3")
def test_a_row_whose_customer_is_unknown_still_counts_in_the_total(tmp_path: Path) -> None:
    warehouse = shop(tmp_path, orders=[order("o1", "c1", utc("2025-03-05")), order("o2", "nobody", utc("2025-03-05"))])
    assert answer(warehouse, "orders", period=MARCH).cell(0, "orders").value == 2
    assert values(answer(warehouse, "orders", group_by=("region",), period=MARCH), "orders") == {"north": 1, None: 1}


@pytest.mark.req("PLT-3.3")
def test_amounts_in_several_currencies_are_never_summed(tmp_path: Path) -> None:
    warehouse = shop(
        tmp_path,
        orders=[order("o1", "c1", utc("2025-03-05"), 10, "USD"), order("o2", "c1", utc("2025-03-05"), 10, "EUR")],
    )
    cell = answer(warehouse, "sales", period=MARCH).cell(0, "sales")
    assert (cell.value, cell.state) == (None, "mixed_currencies")
    ratio = answer(warehouse, "order_value", period=MARCH).cell(0, "order_value")
    assert (ratio.value, ratio.state) == (None, "mixed_currencies")
    by_currency = answer(warehouse, "sales", group_by=("currency",), period=MARCH)
    assert values(by_currency, "sales") == {"EUR": 10, "USD": 10}


@pytest.mark.req("PLT-3.2")
def test_a_month_that_has_begun_is_compared_with_the_same_point_of_the_month_before(tmp_path: Path) -> None:
    orders = [order(f"f{day}", "c1", utc(f"2025-02-{day:02d}T10:00")) for day in range(1, 29)]
    orders += [order(f"m{day}", "c1", utc(f"2025-03-{day:02d}T10:00")) for day in range(1, 11)]
    warehouse = shop(tmp_path, orders=orders)
    found = answer(warehouse, "orders", period="this_month", compare="previous_period", now="2025-03-10T12:00")
    cell = found.cell(0, "orders")
    assert found.is_open
    assert found.comparison is not None
    assert (found.comparison.start, found.comparison.end) == (date(2025, 2, 1), date(2025, 2, 11))
    assert (cell.value, cell.previous, cell.change) == (10, 10, 0)


@pytest.mark.req("PLT-3.2", "PLT-3.5")
def test_an_unfinished_month_is_held_against_the_part_of_the_target_due_by_now(tmp_path: Path) -> None:
    orders = [order(f"m{day}", "c1", utc(f"2025-03-{day:02d}T10:00")) for day in range(1, 11)]
    found = answer(
        shop(tmp_path, orders=orders), "orders", period="this_month", compare="target", now="2025-03-11T00:30"
    )
    cell = found.cell(0, "orders")
    assert (cell.value, cell.target, cell.expected, cell.gap) == (10, 31, pytest.approx(10), pytest.approx(0))


@pytest.mark.req("PLT-3.1")
@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("America/New_York", "2025-03-31T23:30", date(2025, 3, 31)),  # already April in UTC
        ("Pacific/Auckland", "2025-04-01T00:30", date(2025, 4, 1)),  # still March in UTC
        ("Asia/Kolkata", "2025-03-31T23:59", date(2025, 3, 31)),  # half-hour zone
        ("UTC", "2025-03-31T23:59", date(2025, 3, 31)),
    ],
)
def test_an_order_belongs_to_the_local_day_it_was_placed_on(tmp_path: Path, zone: str, moment: str, day: date) -> None:
    warehouse = shop(tmp_path, orders=[order("o1", "c1", local(moment, zone))], zone=zone)
    month = day.replace(day=1)
    found = answer(warehouse, "orders", grain="day", period="2025-03-31..2025-04-02")
    assert {key for key, value in values(found, "orders").items() if value} == {day}
    by_month = answer(warehouse, "orders", grain="month", period="2025-03-01..2025-05-01")
    assert {key for key, value in values(by_month, "orders").items() if value} == {month}


@pytest.mark.req("PLT-3.1")
@pytest.mark.parametrize(("day", "hours"), [("2025-03-09", 23), ("2025-11-02", 25)])
def test_the_days_the_clock_changes_hold_all_their_hours(tmp_path: Path, day: str, hours: int) -> None:
    zone = "America/New_York"
    first = local(f"{day}T00:00", zone).timestamp()
    moments = [datetime.fromtimestamp(first + 3600 * n + 60, tz=utc(day).tzinfo) for n in range(-1, hours + 1)]
    warehouse = shop(tmp_path, orders=[order(f"o{n}", "c1", at) for n, at in enumerate(moments)], zone=zone)
    start = date.fromisoformat(day)
    found = answer(warehouse, "orders", period=f"{start}..{start.replace(day=start.day + 1)}", now="2025-12-01T12:00")
    assert found.cell(0, "orders").value == hours
    by_hour = answer(
        warehouse, "orders", grain="hour", period=f"{start}..{start.replace(day=start.day + 1)}", now="2025-12-01T12:00"
    )
    assert sum(value or 0 for value in values(by_hour, "orders").values()) == hours


@pytest.mark.req("PRG-3.5")
def test_days_across_a_change_of_the_clock_are_elapsed_time(tmp_path: Path) -> None:
    zone = "America/New_York"
    warehouse = shop(
        tmp_path,
        orders=[order("o1", "c1", local("2025-03-08T12:00", zone))],
        payments=[payment("p1", "o1", 10, local("2025-03-09T12:00", zone))],
        zone=zone,
    )
    found = answer(warehouse, "days_to_pay", period=MARCH).cell(0, "days_to_pay")
    assert found.value == pytest.approx(23 / 24)


@pytest.mark.req("PLT-3.1")
def test_leap_day_belongs_to_february_and_has_a_year_before(tmp_path: Path) -> None:
    days = ("2023-02-28", "2024-02-28", "2024-02-29", "2024-03-01", "2025-02-28")
    warehouse = shop(tmp_path, orders=[order(f"o{n}", "c1", utc(f"{day}T10:00")) for n, day in enumerate(days)])
    february = answer(warehouse, "orders", period="2024-02-01..2024-03-01", compare="previous_year")
    assert (february.cell(0, "orders").value, february.cell(0, "orders").previous) == (2, 1)
    after = answer(warehouse, "orders", period="2025-02-01..2025-03-01", compare="previous_year")
    assert (after.cell(0, "orders").value, after.cell(0, "orders").previous) == (1, 2)
    alone = answer(warehouse, "orders", period="2024-02-29..2024-03-01", compare="previous_year")
    assert alone.cell(0, "orders").value == 1
    assert alone.comparison is not None
    assert alone.comparison.start == date(2023, 2, 28)


@pytest.mark.req("PLT-3.1")
def test_months_of_different_length_are_compared_as_months(tmp_path: Path) -> None:
    orders = [order(f"j{day}", "c1", utc(f"2025-01-{day:02d}T10:00")) for day in range(1, 32)]
    orders += [order(f"f{day}", "c1", utc(f"2025-02-{day:02d}T10:00")) for day in range(1, 29)]
    warehouse = shop(tmp_path, orders=orders)
    cell = answer(warehouse, "orders", period="2025-02-01..2025-03-01", compare="previous_period").cell(0, "orders")
    assert (cell.value, cell.previous) == (28, 31)


@pytest.mark.req("PLT-3.4")
def test_a_month_without_rows_is_zero_for_a_count_and_nothing_for_an_average(tmp_path: Path) -> None:
    warehouse = shop(tmp_path, orders=[order("o1", "c1", utc("2025-01-05")), order("o2", "c1", utc("2025-03-05"))])
    found = answer(
        warehouse, "orders", "sales", "mean_order", "order_value", grain="month", period="2025-01-01..2025-04-01"
    )
    assert found.table.column("period").to_pylist() == [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)]
    empty = {name: found.cell(1, name) for name in ("orders", "sales", "mean_order", "order_value")}
    assert (empty["orders"].value, empty["sales"].value) == (0, 0)
    assert (empty["mean_order"].value, empty["mean_order"].state) == (None, "no_data")
    assert (empty["order_value"].value, empty["order_value"].state) == (None, "zero_denominator")


@pytest.mark.req("PLT-3.4")
def test_a_group_that_only_the_numerator_has_is_a_zero_denominator_and_not_infinity(tmp_path: Path) -> None:
    warehouse = shop(
        tmp_path,
        orders=[order("o1", "c1", utc("2025-02-05"), 50), order("o2", "c3", utc("2025-03-05"), 80)],
        payments=[payment("p1", "o1", 50, utc("2025-03-07"))],
    )
    found = answer(warehouse, "paid_share", group_by=("region",), period=MARCH)
    states = {found.table.column("region")[row].as_py(): found.cell(row, "paid_share") for row in range(found.n_rows)}
    assert (states["north"].value, states["north"].state) == (None, "zero_denominator")
    assert (states["south"].value, states["south"].state) == (0, "ok")


@pytest.mark.req("PLT-3.4")
def test_growth_from_nothing_is_no_number(tmp_path: Path) -> None:
    warehouse = shop(tmp_path, orders=[order("o1", "c1", utc("2025-03-05"))])
    cell = answer(warehouse, "orders", period=MARCH, compare="previous_period").cell(0, "orders")
    assert (cell.value, cell.previous, cell.change) == (1, 0, None)


@pytest.mark.req("PLT-3.4", "PRG-3.1")
def test_a_ratio_over_too_few_observations_says_so(tmp_path: Path) -> None:
    orders = [order("o1", "c1", utc("2025-03-05"), 100)]
    orders += [order(f"s{n}", "c3", utc("2025-03-06"), 10) for n in range(2)]
    found = answer(shop(tmp_path, orders=orders), "order_value", group_by=("region",), period=MARCH)
    assert [(found.cell(row, "order_value").n, found.cell(row, "order_value").state) for row in range(2)] == [
        (1, "too_few"),
        (2, "ok"),
    ]


@pytest.mark.req("PLT-3.3")
def test_the_missing_value_is_a_group_of_its_own_and_can_be_asked_for_or_left_out(tmp_path: Path) -> None:
    warehouse = shop(tmp_path, orders=[order(f"o{n}", f"c{n}", utc("2025-03-05")) for n in (1, 3, 4)])
    assert values(answer(warehouse, "orders", group_by=("region",), period=MARCH), "orders") == {
        "north": 1,
        "south": 1,
        None: 1,
    }

    def count(held: Filter) -> float | None:
        return answer(warehouse, "orders", filters=(held,), period=MARCH).cell(0, "orders").value

    assert count(Filter("region", (None,))) == 1
    assert count(Filter("region", ("north", None))) == 2
    assert count(Filter("region", ("north",), "not_in")) == 2
    assert count(Filter("region", (None,), "not_in")) == 2
    assert count(Filter("region", ("atlantis",))) == 0


@pytest.mark.req("PLT-3.1")
@pytest.mark.parametrize(
    ("week_start", "weeks"),
    [
        ("monday", {date(2025, 3, 3): 2, date(2025, 3, 10): 1}),
        ("sunday", {date(2025, 3, 2): 1, date(2025, 3, 9): 2}),
        ("saturday", {date(2025, 3, 1): 0, date(2025, 3, 8): 3}),
    ],
)
def test_weeks_begin_on_the_day_the_workspace_says(tmp_path: Path, week_start: str, weeks: dict[date, int]) -> None:
    days = ("2025-03-08", "2025-03-09", "2025-03-10")  # a Saturday, a Sunday, a Monday
    orders = [order(f"o{n}", "c1", utc(f"{day}T10:00")) for n, day in enumerate(days)]
    warehouse = shop(tmp_path, orders=orders, week_start=week_start)
    first = min(weeks)
    found = answer(warehouse, "orders", grain="week", period=f"{first}..{max(weeks).replace(day=max(weeks).day + 7)}")
    assert values(found, "orders") == weeks


@pytest.mark.req("PLT-3.1")
def test_quarters_and_years_follow_the_fiscal_year(tmp_path: Path) -> None:
    days = ("2024-06-30", "2024-07-01", "2024-10-01", "2025-06-30")
    orders = [order(f"o{n}", "c1", utc(f"{day}T10:00")) for n, day in enumerate(days)]
    warehouse = shop(tmp_path, orders=orders, fiscal_year_start=7)
    years = answer(warehouse, "orders", grain="year", period="2023-07-01..2025-07-01", now="2025-07-10T12:00")
    assert values(years, "orders") == {date(2023, 7, 1): 1, date(2024, 7, 1): 3}
    quarters = answer(warehouse, "orders", grain="quarter", period="2024-07-01..2025-01-01", now="2025-07-10T12:00")
    assert values(quarters, "orders") == {date(2024, 7, 1): 1, date(2024, 10, 1): 1}
    to_date = answer(warehouse, "orders_year_to_date", period="2025-06-01..2025-07-01", now="2025-07-10T12:00")
    assert to_date.cell(0, "orders_year_to_date").value == 3
    last = answer(warehouse, "orders", period="last_year", now="2025-07-10T12:00")
    assert last.cell(0, "orders").value == 3


@pytest.mark.req("PRG-3.1")
def test_a_conversion_counts_an_entity_once_however_often_it_came_or_paid(tmp_path: Path) -> None:
    warehouse = shop(
        tmp_path,
        orders=[order(f"o{n}", "c1", utc(f"2025-03-0{n}"), 100) for n in (1, 2, 3)]
        + [order("o9", "c3", utc("2025-03-04"))],
        payments=[payment(f"p{n}", "o1", 5, utc("2025-03-08")) for n in range(4)],
    )
    paid = answer(warehouse, "paid_rate", period=MARCH).cell(0, "paid_rate")
    assert (paid.value, paid.n) == (pytest.approx(1 / 4), 4)
    big = answer(warehouse, "big_buyers", period=MARCH).cell(0, "big_buyers")
    assert (big.value, big.n) == (pytest.approx(1 / 2), 2)


@pytest.mark.req("PRG-3.1", "PRG-3.5")
def test_an_event_dated_before_its_start_converts_but_has_no_duration(tmp_path: Path) -> None:
    warehouse = shop(
        tmp_path,
        orders=[order("o1", "c1", utc("2025-03-05")), order("o2", "c1", utc("2025-03-05"))],
        payments=[payment("p1", "o1", 5, utc("2025-03-07")), payment("p2", "o2", 5, utc("2025-03-01"))],
    )
    assert answer(warehouse, "paid_rate", period=MARCH).cell(0, "paid_rate").value == 1
    took = answer(warehouse, "days_to_pay", period=MARCH).cell(0, "days_to_pay")
    assert (took.value, took.n, took.excluded) == (pytest.approx(2), 1, 1)


@pytest.mark.req("PRG-3.2")
def test_a_trailing_window_reaches_back_before_the_period(tmp_path: Path) -> None:
    orders = [order(f"o{day}", "c1", utc(f"2025-03-{day:02d}T10:00")) for day in (1, 2, 8, 9)]
    found = answer(shop(tmp_path, orders=orders), "orders_7_days", grain="day", period="2025-03-07..2025-03-11")
    assert list(values(found, "orders_7_days").values()) == [2, 2, 2, 2]


@pytest.mark.req("PRG-3.2", "PLT-3.4")
def test_a_trailing_window_without_rows_is_zero(tmp_path: Path) -> None:
    warehouse = shop(tmp_path, orders=[order("o1", "c1", utc("2025-03-01"))])
    found = answer(warehouse, "orders_7_days", grain="day", period="2025-03-06..2025-03-10")
    assert list(values(found, "orders_7_days").values()) == [1, 1, 0, 0]


@pytest.mark.req("PLT-3.3")
def test_a_limit_cuts_rows_and_still_tells_how_many_there_are(tmp_path: Path) -> None:
    warehouse = shop(tmp_path, orders=[order(f"o{n}", f"c{n % 4 + 1}", utc("2025-03-05"), n) for n in range(10)])
    largest = (Order("sales", True),)
    found = answer(warehouse, "sales", group_by=("customer",), period=MARCH, limit=2, order=largest)
    assert (found.n_rows, found.total_rows) == (2, 4)
    assert values(found, "sales") == {"c2": 15, "c1": 12}


@pytest.mark.req("PLT-3.4")
def test_a_workspace_without_rows_answers_zero_and_nothing(tmp_path: Path) -> None:
    found = answer(shop(tmp_path, orders=[]), "orders", "mean_order", "order_value", "paid_rate", period=MARCH)
    assert [found.cell(0, name).value for name in ("orders", "mean_order", "order_value", "paid_rate")] == [
        0,
        None,
        None,
        None,
    ]
    assert found.cell(0, "paid_rate").state == "zero_denominator"
