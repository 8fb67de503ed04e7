"""Levels (semi-additive metrics): added across people, but of each period only the last or first reading counts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from small_company import answer, balance, company, person, value, values

from sightline.metrics.question import Filter
from sightline.metrics.warehouse import Warehouse

MAY = "2025-05-01..2025-06-01"


def bank(root: Path) -> Warehouse:
    people = [
        person("a", "2025-01-01", team="red"),
        person("b", "2025-01-01", team="blue"),
        person("c", "2025-01-01", team="blue"),
    ]
    balances = [
        balance("a", "2025-04-30", 5),
        balance("a", "2025-05-01", 10),
        balance("b", "2025-05-01", 20),
        balance("c", "2025-05-02", 7),
        balance("a", "2025-05-10", 11),
        balance("b", "2025-05-10", 21),
        balance("a", "2025-05-31", 13),
        balance("b", "2025-05-30", 23),
    ]
    return company(root, people=people, balances=balances)


@pytest.mark.req("PLT-3.3")
def test_the_last_day_of_the_period_counts_for_all(tmp_path: Path) -> None:
    warehouse = bank(tmp_path)
    assert value(warehouse, "held", period=MAY) == 13
    assert value(warehouse, "held_first", period=MAY) == 30
    assert value(warehouse, "holders", period="2025-05-01..2025-05-20") == 2
    assert value(warehouse, "held", period="2025-05-01..2025-05-20") == 32


@pytest.mark.req("PLT-3.3")
def test_everybodys_own_last_reading_counts_when_the_metric_says_so(tmp_path: Path) -> None:
    assert value(bank(tmp_path), "held_own", period=MAY) == 13 + 23 + 7


@pytest.mark.req("PLT-3.3")
def test_two_readings_of_one_day_are_not_added_when_everybodys_own_last_one_counts(tmp_path: Path) -> None:
    balances = [balance("a", "2025-05-10T09:00", 4), balance("a", "2025-05-10T18:00", 9), balance("b", "2025-05-09", 2)]
    warehouse = company(tmp_path, people=[person("a", "2025-01-01"), person("b", "2025-01-01")], balances=balances)
    assert value(warehouse, "held_own", period=MAY) == 9 + 2


@pytest.mark.req("PLT-3.3", "PRG-3.7")
def test_the_parts_of_a_level_add_up_to_the_whole_whatever_the_filter(tmp_path: Path) -> None:
    warehouse = bank(tmp_path)
    for metric in ("held", "held_first", "held_own"):
        for period in (MAY, "2025-05-01..2025-05-20"):
            whole = value(warehouse, metric, period=period)
            parts = values(answer(warehouse, metric, group_by=("team",), period=period), metric)
            assert sum(each or 0 for each in parts.values()) == whole
            for team, part in parts.items():
                alone = value(warehouse, metric, period=period, filters=(Filter("team", (team,)),))
                assert alone == part


@pytest.mark.req("PLT-3.3")
def test_each_month_shows_its_own_last_day(tmp_path: Path) -> None:
    found = answer(bank(tmp_path), "held", "held_own", grain="month", period="2025-04-01..2025-06-01")
    assert values(found, "held") == {date(2025, 4, 1): 5, date(2025, 5, 1): 13}
    assert values(found, "held_own") == {date(2025, 4, 1): 5, date(2025, 5, 1): 43}


@pytest.mark.req("PLT-3.1", "PLT-3.4")
def test_a_level_is_compared_with_the_level_before_and_a_period_without_readings_has_none(tmp_path: Path) -> None:
    warehouse = bank(tmp_path)
    cell = answer(warehouse, "held", period=MAY, compare="previous_period").cell(0, "held")
    assert (cell.value, cell.previous, cell.change) == (13, 5, pytest.approx(8 / 5))
    empty = answer(warehouse, "held", period="2025-03-01..2025-04-01").cell(0, "held")
    assert (empty.value, empty.state) == (None, "no_data")
