"""Why a figure is or is not a number: each outcome has a name."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from small_company import METRICS, answer, balance, company, event, person, values

from sightline.metrics.warehouse import Warehouse

MAY = "2025-05-01..2025-06-01"
MONEY = """
  amount_30_days: {type: cumulative, metric: amount, window: 30 days, unit: usd}
  last_amount: {type: semi_additive, dataset: events, agg: sum, column: amount, unit: usd}
  doubled: {type: simple, dataset: events, agg: sum, expression: amount * 2, unit: usd}
  largest: {type: simple, dataset: events, agg: max, column: amount, unit: usd}
  amounts: {type: simple, dataset: events, agg: count, column: amount}
  share_of_weight: {type: derived, expression: weight / (events - events)}
  strict: {type: simple, dataset: events, agg: sum, column: weight, empty: "null", min_n: 3}
"""


def two_currencies(root: Path) -> Warehouse:
    events = [
        event("e1", "a", "buy", "2025-05-20", 10, currency="USD"),
        event("e2", "a", "buy", "2025-05-20", 10, currency="EUR"),
        event("e3", "b", "buy", "2025-05-20", 7, currency="EUR"),
    ]
    people = [person("a", "2025-01-01"), person("b", "2025-01-01", team="blue")]
    return company(root, people=people, events=events, metrics=METRICS + MONEY)


@pytest.mark.req("PLT-3.3")
@pytest.mark.parametrize(
    "metric", ["amount", "mean_amount", "largest", "doubled", "amount_30_days", "last_amount", "amount_each", "mixture"]
)
def test_no_kind_of_metric_adds_up_several_currencies(tmp_path: Path, metric: str) -> None:
    warehouse = two_currencies(tmp_path)
    cell = answer(warehouse, metric, period=MAY).cell(0, metric)
    assert (cell.value, cell.state) == (None, "mixed_currencies")
    by_team = answer(warehouse, metric, group_by=("team",), period=MAY)
    states = {by_team.value(row, "team"): by_team.cell(row, metric).state for row in range(by_team.n_rows)}
    assert states == {"red": "mixed_currencies", "blue": "too_few" if metric == "amount_each" else "ok"}


@pytest.mark.req("PLT-3.3")
def test_counting_and_one_currency_at_a_time_are_no_mixture(tmp_path: Path) -> None:
    warehouse = two_currencies(tmp_path)
    assert answer(warehouse, "amounts", period=MAY).cell(0, "amounts").value == 3
    found = answer(warehouse, "amount", "amount_30_days", group_by=("currency",), period=MAY)
    assert values(found, "amount") == {"USD": 10, "EUR": 17}
    assert values(found, "amount_30_days") == {"USD": 10, "EUR": 17}
    one = answer(warehouse, "amount", period=MAY, where="currency = 'EUR'").cell(0, "amount")
    assert (one.value, one.state) == (17, "ok")


@pytest.mark.req("PLT-3.3")
def test_a_change_is_not_taken_across_a_mixture(tmp_path: Path) -> None:
    warehouse = two_currencies(tmp_path)
    found = answer(
        warehouse, "amount", period="2025-06-01..2025-07-01", compare="previous_period", now="2025-07-15T12:00"
    )
    cell = found.cell(0, "amount")
    assert (cell.value, cell.previous, cell.change) == (0, None, None)


@pytest.mark.req("PLT-3.4")
def test_a_division_by_zero_inside_a_formula_is_named(tmp_path: Path) -> None:
    events = [event("e1", "a", "visit", "2025-05-02", weight=2.0)]
    warehouse = company(tmp_path, events=events, metrics=METRICS + MONEY)
    cell = answer(warehouse, "share_of_weight", period=MAY).cell(0, "share_of_weight")
    assert (cell.value, cell.state) == (None, "zero_denominator")


@pytest.mark.req("PLT-3.4")
@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_a_figure_that_is_not_finite_is_undefined_and_never_printed(tmp_path: Path, odd: float) -> None:
    events = [event("e1", "a", "visit", "2025-05-02", weight=odd), event("e2", "a", "visit", "2025-05-02", weight=1.0)]
    cell = answer(company(tmp_path, events=events), "weight", period=MAY).cell(0, "weight")
    assert (cell.value, cell.state) == (None, "undefined")


@pytest.mark.req("PLT-3.4")
def test_too_few_observations_keep_the_figure_and_say_so(tmp_path: Path) -> None:
    events = [event(f"e{n}", "a", "visit", "2025-05-02", weight=1.0) for n in range(2)]
    warehouse = company(tmp_path, events=events, metrics=METRICS + MONEY)
    cell = answer(warehouse, "strict", period=MAY).cell(0, "strict")
    assert (cell.value, cell.n, cell.state) == (2, 2, "too_few")
    nothing = answer(warehouse, "strict", period="2025-01-01..2025-02-01").cell(0, "strict")
    assert (nothing.value, nothing.n, nothing.state) == (None, 0, "no_data")


@pytest.mark.req("PLT-3.2", "PLT-3.4", "PLT-3.7")
def test_bands_say_nothing_of_a_figure_over_too_few_or_of_a_cohort_that_matures(tmp_path: Path) -> None:
    bands = """
  few: {type: ratio, numerator: bought, denominator: events, min_n: 3, bands: {good: ">= 0.5", critical: "< 0.5"}}
  young:
    type: conversion
    entity: person
    base: {dataset: people}
    conversion: {dataset: events, where: kind = 'buy'}
    window: 7 days
    bands: {good: ">= 0.5", critical: "< 0.5"}
"""
    people = [person(f"p{n}", f"2025-06-{day}") for n, day in enumerate(("01", "02", "12"))]
    events = [event(f"e{n}", "p0", "visit", f"2025-06-{day}") for n, day in enumerate(("02", "14", "14", "15"))]
    warehouse = company(tmp_path, people=people, events=events, metrics=METRICS + bands)
    cells = {
        (name, period): answer(warehouse, name, period=period).cell(0, name)
        for name in ("few", "young")
        for period in ("2025-06-01..2025-06-03", "this_month")
    }
    assert {key: (cell.value, cell.state, cell.maturing, cell.status) for key, cell in cells.items()} == {
        ("few", "2025-06-01..2025-06-03"): (0, "too_few", None, None),
        ("few", "this_month"): (0, "ok", None, "critical"),
        ("young", "2025-06-01..2025-06-03"): (0, "ok", None, "critical"),
        ("young", "this_month"): (0, "ok", pytest.approx(2 / 3), None),
    }


@pytest.mark.req("PLT-3.4")
def test_a_part_without_data_makes_the_formula_say_so(tmp_path: Path) -> None:
    warehouse = company(tmp_path, people=[person("a", "2025-05-02")], balances=[balance("a", "2025-05-02", 1)])
    found = answer(warehouse, "mean_amount", "amount_each", "held", period="2025-05-01..2025-05-02")
    assert [found.cell(0, name).state for name in ("mean_amount", "amount_each", "held")] == [
        "no_data",
        "zero_denominator",
        "no_data",
    ]
