"""A formula may look back: each bucket at the bucket so long before, a period at the period before, and never at zero
where nothing is known."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from small_company import METRICS, answer, balance, company, event, person, sql, utc, value, values, viewer

from sightline.definitions.durations import parse_duration, shift_months
from sightline.metrics.calendar import Calendar
from sightline.metrics.question import Filter, QuestionError
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("PLT-3.1", "PLT-3.3")
GROWTH = """
  growth:
    type: derived
    expression: amount / amount_before - 1
    inputs: {amount_before: {metric: amount, offset: 12 months}}
    unit: percent
  gain:
    type: derived
    expression: amount - amount_before
    inputs: {amount_before: {metric: amount, offset: 12 months}}
    unit: usd
  events_gain_week:
    {type: derived, expression: events - before, inputs: {before: {metric: events, offset: 1 week}}}
  events_gain_month:
    {type: derived, expression: events - before, inputs: {before: {metric: events, offset: 1 month}}}
  share_gain:
    {type: derived, expression: bought_share - before, inputs: {before: {metric: bought_share, offset: 1 month}}}
  growth_gain:
    {type: derived, expression: growth - before, inputs: {before: {metric: growth, offset: 12 months}}, unit: percent}
  held_growth:
    {type: derived, expression: held / before - 1, inputs: {before: {metric: held, offset: 1 month}}, unit: percent}
  week_gain:
    {type: derived, expression: events_7_days - before, inputs: {before: {metric: events_7_days, offset: 7 days}}}
  buyers_gain:
    {type: derived, expression: buyers - before, inputs: {before: {metric: buyers, offset: 1 month}}, unit: percent}
"""
FIRST = date(2023, 3, 11)


def made_up() -> list[dict[str, Any]]:
    """Return events of some 27 months, from the middle of March 2023 on, in two currencies' worth of nothing odd."""
    rng = random.Random(11)  # noqa: S311 - made-up rows, not secrets
    first = datetime(FIRST.year, FIRST.month, FIRST.day, 9, tzinfo=UTC)
    span = (datetime(2025, 6, 15, 11, tzinfo=UTC) - first).days
    moments = [first, *(first + timedelta(days=rng.randrange(span), hours=rng.randrange(14)) for _ in range(2500))]
    return [
        event(
            f"e{number}",
            rng.choice("ab"),
            rng.choice(["buy", "visit"]),
            at.isoformat()[:19],
            rng.randrange(1, 900) / 4,
            weight=1.0,
        )
        for number, at in enumerate(moments)
    ]


PEOPLE = [person("a", "2023-03-11"), person("b", "2023-03-11", team="blue")]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return made_up()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]) -> Warehouse:
    return company(tmp_path_factory.mktemp("earlier"), people=PEOPLE, events=rows, metrics=METRICS + GROWTH)


def in_buckets(warehouse: Warehouse, rows: list[dict[str, Any]], figure: str, grain: str) -> dict[date, Any]:
    """Return a figure of each bucket, by plain SQL."""
    query = f"SELECT date_trunc('{grain}', events.at)::DATE, {figure} FROM events GROUP BY 1"  # noqa: S608 - the test's words
    return dict(sql(warehouse, query, events=rows))


@pytest.mark.parametrize("grain", ["month", "quarter", "year"])
def test_each_bucket_is_held_against_the_one_a_year_before(
    warehouse: Warehouse, rows: list[dict[str, Any]], grain: str
) -> None:
    found = answer(warehouse, "growth", "gain", grain=grain, period="2023-01-01..2025-04-01")
    sums = {bucket: float(total) for bucket, total in in_buckets(warehouse, rows, "sum(amount)", grain).items()}
    if grain == "year":  # of the last year only three months are asked for: so are of the one before
        [[sums[date(2025, 1, 1)]]] = sql(
            warehouse,
            "SELECT sum(amount)::DOUBLE FROM events WHERE events.at >= '2025-01-01' AND events.at < '2025-04-01'",
            events=rows,
        )
    seen = []
    for row, bucket in enumerate(found.data["period"]):
        before = sums.get(shift_months(bucket, -12))
        cells = {name: found.cell(row, name) for name in ("growth", "gain")}
        if before is None:
            assert {(cell.value, cell.state) for cell in cells.values()} == {(None, "no_history")}
            continue
        seen.append(bucket)
        if grain == "year" and bucket.year == 2025:
            [[before]] = sql(
                warehouse,
                "SELECT sum(amount)::DOUBLE FROM events WHERE events.at >= '2024-01-01' AND events.at < '2024-04-01'",
                events=rows,
            )
        assert cells["gain"].value == pytest.approx(sums[bucket] - before)
        assert cells["growth"].value == pytest.approx(sums[bucket] / before - 1)
    assert len(seen) == {"month": 13, "quarter": 5, "year": 2}[grain]


def test_a_week_and_a_day_are_held_against_those_a_week_before(
    warehouse: Warehouse, rows: list[dict[str, Any]]
) -> None:
    for grain in ("week", "day"):
        counts = in_buckets(warehouse, rows, "count(*)", grain)
        found = answer(warehouse, "events_gain_week", grain=grain, period="2025-02-03..2025-03-03")
        assert values(found, "events_gain_week") == {
            bucket: counts.get(bucket, 0) - counts.get(bucket - timedelta(days=7), 0) for bucket in found.data["period"]
        }


def test_a_week_is_held_against_the_one_fifty_two_weeks_before(
    warehouse: Warehouse, rows: list[dict[str, Any]]
) -> None:
    sums = in_buckets(warehouse, rows, "sum(amount)::DOUBLE", "week")
    found = answer(warehouse, "gain", grain="week", period="2025-01-06..2025-02-24")
    assert values(found, "gain") == {
        bucket: pytest.approx(sums[bucket] - sums[bucket - timedelta(days=364)]) for bucket in found.data["period"]
    }


def test_a_day_is_held_against_its_date_a_year_before_also_after_a_leap_day(tmp_path: Path) -> None:
    days = {"2023-02-28": 1, "2023-03-01": 2, "2024-02-28": 10, "2024-02-29": 20, "2024-03-01": 40}
    events = [event(f"e{day}", "a", "buy", f"{day}T12:00", amount) for day, amount in days.items()]
    made = company(tmp_path, people=PEOPLE, events=events, metrics=METRICS + GROWTH)
    found = answer(made, "gain", grain="day", period="2024-02-28..2024-03-02")
    assert [*values(found, "gain").values()] == [10 - 1, 20 - 1, 40 - 2]


@pytest.mark.parametrize(
    ("period", "now", "this", "before"),
    [
        ("2025-01-01..2025-04-01", "2025-06-15", ("2025-01-01", "2025-04-01"), ("2024-01-01", "2024-04-01")),
        ("last_month", "2025-03-10", ("2025-02-01", "2025-03-01"), ("2024-02-01", "2024-03-01")),
        ("last_12_months", "2025-06-15", ("2024-06-01", "2025-06-01"), ("2023-06-01", "2024-06-01")),
        ("last_30_days", "2025-06-15", ("2025-05-16", "2025-06-15"), ("2024-05-16", "2024-06-15")),
        ("this_month", "2025-06-10", ("2025-06-01", "2025-06-11"), ("2024-06-01", "2024-06-11")),
        ("this_year", "2025-06-15", ("2025-01-01", "2025-06-16"), ("2024-01-01", "2024-06-15")),  # 166 days of each
    ],
)
def test_a_period_is_held_against_the_period_a_year_before_an_open_one_to_the_same_point(
    warehouse: Warehouse,
    rows: list[dict[str, Any]],
    period: str,
    now: str,
    this: tuple[str, str],
    before: tuple[str, str],
) -> None:
    query = "SELECT coalesce(sum(amount), 0)::DOUBLE FROM events WHERE events.at >= '{}' AND events.at < '{}'"
    [[current]], [[earlier]] = (sql(warehouse, query.format(*each), events=rows) for each in (this, before))
    found = answer(warehouse, "gain", "growth", period=period, now=f"{now}T12:00")
    assert found.cell(0, "gain").value == pytest.approx(current - earlier)
    assert found.cell(0, "growth").value == pytest.approx(current / earlier - 1)
    compared = answer(warehouse, "amount", period=period, compare="previous_year", now=f"{now}T12:00").cell(0, "amount")
    assert found.cell(0, "growth").value == pytest.approx(compared.change)  # the same days as any comparison


def test_the_open_month_of_a_row_of_months_is_held_against_as_much_of_its_counterpart(
    warehouse: Warehouse, rows: list[dict[str, Any]]
) -> None:
    found = answer(warehouse, "gain", grain="month", period="this_quarter", now="2025-05-10T20:00")
    query = "SELECT sum(amount)::DOUBLE FROM events WHERE events.at >= '{}' AND events.at < '{}'"
    of = [
        ("2025-04-01", "2025-05-01"),
        ("2024-04-01", "2024-05-01"),
        ("2025-05-01", "2025-05-11"),
        ("2024-05-01", "2024-05-11"),
    ]
    april, april_before, may, may_before = (sql(warehouse, query.format(*each), events=rows)[0][0] for each in of)
    assert [*values(found, "gain").values()] == [pytest.approx(april - april_before), pytest.approx(may - may_before)]


def test_a_formula_that_looks_back_can_be_compared_and_looked_back_at(
    warehouse: Warehouse, rows: list[dict[str, Any]]
) -> None:
    year = [date(2025, 4, 1), date(2024, 4, 1), date(2023, 4, 1)]
    sums = in_buckets(warehouse, rows, "sum(amount)::DOUBLE", "month")
    growth = [sums[day] / sums[shift_months(day, -12)] - 1 for day in year[:2]]
    april = {"period": "2025-04-01..2025-05-01"}
    cell = answer(warehouse, "growth", compare="previous_year", **april).cell(0, "growth")
    assert (cell.value, cell.previous) == (pytest.approx(growth[0]), pytest.approx(growth[1]))
    assert value(warehouse, "growth_gain", **april) == pytest.approx(growth[0] - growth[1])
    by_month = answer(warehouse, "growth_gain", grain="month", compare="previous_year", **april).cell(0, "growth_gain")
    assert (by_month.value, by_month.previous) == (pytest.approx(growth[0] - growth[1]), None)


@pytest.mark.parametrize("metric", ["gain", "growth"])
def test_before_the_data_began_there_is_no_figure_and_the_reason_is_told(warehouse: Warehouse, metric: str) -> None:
    for period in ("2024-02-01..2024-03-01", "2023-06-01..2024-06-01", "all_time"):
        cell = answer(warehouse, metric, period=period).cell(0, metric)
        assert (cell.value, cell.state) == (None, "no_history")
    known = answer(warehouse, metric, period="2024-03-01..2024-04-01").cell(0, metric)
    assert known.state == "ok"  # the data began in that month
    everything = answer(warehouse, metric, grain="month", period="all_time")
    assert {everything.cell(row, metric).state for row in range(everything.n_rows)} == {"no_history"}


def test_a_month_without_events_after_the_beginning_is_zero(tmp_path: Path) -> None:
    events = [event("e1", "a", "buy", "2023-01-05", 5), event("e2", "a", "buy", "2025-02-05", 8)]
    made = company(tmp_path, people=PEOPLE, events=events, metrics=METRICS + GROWTH)
    found = answer(made, "gain", "growth", period="2025-02-01..2025-03-01")
    assert found.cell(0, "gain").value == 8
    assert (found.cell(0, "growth").value, found.cell(0, "growth").state) == (None, "zero_denominator")


def test_groups_and_filters_hold_for_the_earlier_time_too(warehouse: Warehouse, rows: list[dict[str, Any]]) -> None:
    april = "2025-04-01..2025-05-01"
    query = """
    SELECT CASE person_id WHEN 'a' THEN 'red' ELSE 'blue' END,
      (sum(amount) FILTER (events.at >= '2025-04-01' AND events.at < '2025-05-01')
       - sum(amount) FILTER (events.at >= '2024-04-01' AND events.at < '2024-05-01'))::DOUBLE
    FROM events GROUP BY 1
    """
    wanted = {team: pytest.approx(total) for team, total in sql(warehouse, query, events=rows)}
    assert values(answer(warehouse, "gain", group_by=("team",), period=april), "gain") == wanted
    for team, total in wanted.items():
        assert value(warehouse, "gain", period=april, filters=(Filter("team", (team,)),)) == total
        mine = viewer({"*": f"team = '{team}'"})
        assert value(warehouse, "gain", period=april, viewer=mine) == total


def test_the_data_begins_with_the_first_row_that_the_viewer_may_see(tmp_path: Path) -> None:
    events = [event("e1", "a", "buy", "2023-01-05", 5)]
    events += [event(f"b{month}", "b", "buy", f"2025-{month:02d}-05", 1) for month in (1, 2, 3)]
    made = company(tmp_path, people=PEOPLE, events=events, metrics=METRICS + GROWTH)
    blue = viewer({"*": "team = 'blue'"})
    states = [
        answer(made, "events_gain_month", period="2025-01-01..2025-02-01", viewer=each)
        .cell(0, "events_gain_month")
        .state
        for each in (viewer({"*": "all"}), blue)
    ]
    assert states == ["ok", "no_history"]
    assert value(made, "events_gain_month", period="2025-02-01..2025-03-01", viewer=blue) == 0


def test_ratios_levels_windows_and_conversions_look_back_too(tmp_path: Path) -> None:
    people = [person("a", "2025-04-02"), person("b", "2025-05-02"), person("c", "2025-05-03")]
    events = [
        event("e1", "a", "buy", "2025-04-05", 1),
        event("e2", "a", "visit", "2025-04-06"),
        event("e3", "b", "buy", "2025-05-30", 1),
    ]
    balances = [balance("a", "2025-04-30", 10), balance("a", "2025-05-10", 11), balance("a", "2025-05-31", 15)]
    made = company(tmp_path, people=people, events=events, balances=balances, metrics=METRICS + GROWTH)
    may = {"period": "2025-05-01..2025-06-01"}
    found = answer(made, "share_gain", "held_growth", "week_gain", "buyers_gain", **may)
    seen = {name: found.cell(0, name).value for name in found.question.metrics}
    assert seen == {"share_gain": 1 - 0.5, "held_growth": 0.5, "week_gain": 1, "buyers_gain": 0.5 - 1}


@pytest.mark.parametrize(
    ("metric", "grain"),
    [("events_gain_month", "quarter"), ("events_gain_month", "week"), ("events_gain_week", "month")],
)
def test_a_bucket_between_two_others_is_refused_in_words(warehouse: Warehouse, metric: str, grain: str) -> None:
    with pytest.raises(QuestionError, match=f"is not a whole number of {grain}s before"):
        answer(warehouse, metric, grain=grain, period="2025-01-01..2025-04-01")


def test_of_a_last_level_only_the_end_of_the_earlier_period_must_be_known(tmp_path: Path) -> None:
    balances = [balance("a", "2025-04-30", 10), balance("a", "2025-05-31", 15)]
    made = company(tmp_path, people=PEOPLE, balances=balances, metrics=METRICS + GROWTH)
    assert value(made, "held_growth", period="2025-03-15..2025-06-01") == 0.5
    cell = answer(made, "held_growth", period="2025-04-01..2025-05-01").cell(0, "held_growth")
    assert (cell.value, cell.state) == (None, "no_history")


def test_an_hour_is_held_against_the_same_hour_a_week_before(tmp_path: Path) -> None:
    events = [event("e1", "a", "buy", "2025-06-02T10:30"), event("e2", "a", "buy", "2025-06-09T10:10")]
    events += [event("e3", "a", "buy", "2025-06-09T11:10")]
    made = company(tmp_path, people=PEOPLE, events=events, metrics=METRICS + GROWTH)
    found = answer(made, "events_gain_week", grain="hour", period="2025-06-09..2025-06-10")
    assert [each for each in values(found, "events_gain_week").values() if each] == [1]


def test_the_explanation_names_the_earlier_figure_with_its_value(
    warehouse: Warehouse, rows: list[dict[str, Any]]
) -> None:
    april = answer(warehouse, "growth", period="2025-04-01..2025-05-01")
    told = april.explain("growth")
    sums = in_buckets(warehouse, rows, "sum(amount)::DOUBLE", "month")
    assert told.formula == "amount ÷ amount 12 months earlier − 1"
    assert [(each.name, each.label, each.value, each.unit) for each in told.operands] == [
        ("amount", "Amount", pytest.approx(sums[date(2025, 4, 1)]), "usd"),
        ("amount_before", "Amount 12 months earlier", pytest.approx(sums[date(2024, 4, 1)]), "usd"),
    ]
    assert "Amount 12 months earlier is of 2024-04-01 up to 2024-05-01, that day excluded." in told.notes
    before = answer(warehouse, "growth", period="2024-01-01..2024-02-01").explain("growth")
    assert (before.cell.state, before.operands[1].value) == ("no_history", None)


def test_a_step_back_is_undone_by_the_same_step_forward() -> None:
    calendar = Calendar(today=utc("2030-01-01").date())
    for text in ("12 months", "1 year", "4 quarters"):
        step = calendar.step(parse_duration(text), "week")
        assert (step.number, step.unit) == (52, "week")
        assert calendar.step(parse_duration(text), "month").before(date(2025, 3, 1)) == date(2024, 3, 1)
