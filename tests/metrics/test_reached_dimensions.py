"""Dimensions along many-to-one joins: nearest first, never ambiguous, empty where nothing was published."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from small_company import answer, company, event, person, value, values
from tiny_workspace import Rows, make_warehouse

from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.metrics.members import Member, members
from sightline.metrics.question import QuestionError
from sightline.metrics.warehouse import Warehouse

CITIES = """
dataset: cities
entities: {city: {type: primary, column: city_id}}
columns: {city_id: {type: string}, country: {type: string, dimension: true}, size: {type: string, dimension: true}}
"""
SHOPS = """
dataset: shops
entities: {shop: {type: primary, column: shop_id}, city: {type: foreign, column: city_id}}
columns: {shop_id: {type: string}, city_id: {type: string}, size: {type: string, dimension: true}}
"""
BUYERS = """
dataset: buyers
entities: {buyer: {type: primary, column: buyer_id}, city: {type: foreign, column: city_id}}
columns: {buyer_id: {type: string}, city_id: {type: string}}
"""
SALES = """
dataset: sales
entities:
  sale: {type: primary, column: sale_id}
  shop: {type: foreign, column: shop_id}
  buyer: {type: foreign, column: buyer_id}
time: sold_on
columns: {sale_id: {type: string}, shop_id: {type: string}, buyer_id: {type: string}, sold_on: {type: date}}
"""
METRICS = """
metrics:
  sales: {type: simple, dataset: sales, agg: count}
  shops: {type: simple, dataset: shops, agg: count}
"""


def market(root: Path, **rows: Rows) -> Warehouse:
    datasets = {"cities": CITIES, "shops": SHOPS, "buyers": BUYERS, "sales": SALES}
    return make_warehouse(root, datasets=datasets, metrics=METRICS, rows=rows)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    rows: dict[str, list[dict[str, Any]]] = {
        "cities": [
            {"city_id": "rome", "country": "it", "size": "large"},
            {"city_id": "bern", "country": "ch", "size": "small"},
        ],
        "shops": [{"shop_id": "s1", "city_id": "rome", "size": "corner"}],
        "buyers": [{"buyer_id": "b1", "city_id": "bern"}],
        "sales": [{"sale_id": "1", "shop_id": "s1", "buyer_id": "b1", "sold_on": date(2025, 5, 1)}],
    }
    return market(tmp_path_factory.mktemp("market"), **rows)


@pytest.mark.req("PLT-3.3")
def test_a_place_reached_by_two_ways_of_the_same_length_is_ambiguous_and_refused(warehouse: Warehouse) -> None:
    # The city of a sale could be the shop's or the buyer's; taking either silently would be a guess.
    for name in ("city", "country", "city__country"):
        with pytest.raises(QuestionError, match=name):
            answer(warehouse, "sales", group_by=(name,))
    assert values(answer(warehouse, "sales", group_by=("shop__city",)), "sales") == {"rome": 1}
    assert values(answer(warehouse, "sales", group_by=("buyer__city",)), "sales") == {"bern": 1}


@pytest.mark.req("PLT-3.3")
def test_the_nearest_of_a_name_is_meant_and_the_farther_one_is_qualified(warehouse: Warehouse) -> None:
    assert values(answer(warehouse, "shops", group_by=("size",)), "shops") == {"corner": 1}
    assert values(answer(warehouse, "shops", group_by=("city__size",)), "shops") == {"large": 1}
    assert [each.key for each in members("size", SYSTEM_VIEWER, warehouse=warehouse)] == ["large", "small"]
    assert [each.key for each in members("city__size", SYSTEM_VIEWER, warehouse=warehouse)] == ["large", "small"]
    assert [each.key for each in members("shop__size", SYSTEM_VIEWER, warehouse=warehouse)] == ["corner"]


@pytest.mark.req("PLT-3")
def test_datasets_that_were_never_published_are_empty_and_not_an_error(tmp_path: Path) -> None:
    warehouse = market(tmp_path, sales=[{"sale_id": "1", "shop_id": "s1", "sold_on": date(2025, 5, 1)}])
    assert values(answer(warehouse, "sales", group_by=("shop",)), "sales") == {"s1": 1}
    assert values(answer(warehouse, "sales", group_by=("shop__size",)), "sales") == {None: 1}
    assert value(warehouse, "shops") == 0
    assert members("shop", SYSTEM_VIEWER, warehouse=warehouse) == []
    states = {each.dataset: each.state for each in answer(warehouse, "sales", "shops").sources}
    assert states == {"sales": "fresh", "shops": "empty"}


@pytest.mark.req("PLT-3")
def test_a_lake_without_anything_answers_every_kind_of_question(tmp_path: Path) -> None:
    warehouse = market(tmp_path)
    assert value(warehouse, "sales") == 0
    assert answer(warehouse, "sales", group_by=("shop",)).n_rows == 0
    assert answer(warehouse, "sales", grain="month").n_rows == 0
    by_month = answer(warehouse, "sales", grain="month", period="last_3_months", compare="previous_year")
    assert list(values(by_month, "sales").values()) == [0, 0, 0]


@pytest.mark.req("PRG-3.2")
def test_all_time_by_month_runs_from_the_first_row_to_the_last_with_the_gaps(tmp_path: Path) -> None:
    events = [event("e1", "a", "buy", "2025-01-31T23:59"), event("e2", "a", "buy", "2025-04-01")]
    found = answer(company(tmp_path, people=[person("a", "2025-01-01")], events=events), "events", grain="month")
    assert values(found, "events") == {
        date(2025, 1, 1): 1,
        date(2025, 2, 1): 0,
        date(2025, 3, 1): 0,
        date(2025, 4, 1): 1,
    }
    years = answer(company(tmp_path / "b", events=events), "events", grain="quarter")
    assert values(years, "events") == {date(2025, 1, 1): 1, date(2025, 4, 1): 1}


@pytest.mark.req("PRG-6")
def test_members_are_named_searched_without_wildcards_and_cut(tmp_path: Path) -> None:
    people = [
        person("a", "2025-01-01"),
        person("b", "2025-01-01", origin="100%"),
        person("c", "2025-01-01", active=True),
    ]
    warehouse = company(tmp_path, people=people)
    assert members("team", SYSTEM_VIEWER, warehouse=warehouse, search="re") == [
        Member("grey", "The Greys"),
        Member("red", "The Reds"),
    ]
    assert [each.key for each in members("origin", SYSTEM_VIEWER, warehouse=warehouse, search="%")] == ["100%"]
    assert [each.key for each in members("active", SYSTEM_VIEWER, warehouse=warehouse)] == ["true", None]
    assert len(members("person", SYSTEM_VIEWER, warehouse=warehouse, limit=2)) == 2
    with pytest.raises(QuestionError, match="no dataset"):
        members("nothing", SYSTEM_VIEWER, warehouse=warehouse)
