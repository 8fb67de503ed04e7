"""A pack may call its dimensions what it likes: no name of theirs meets one of ours."""

from __future__ import annotations

from datetime import date

import pytest
from small_company import answer, utc, values
from tiny_workspace import make_warehouse

from sightline.metrics.question import Order
from sightline.metrics.warehouse import Warehouse

NAMES = ("value", "day", "at", "edge", "kept", "currency", "entity", "t", "e", "c", "f", "n", "label", "lo", "combined")
STAYS = f"""
dataset: stays
entities: {{guest: {{type: primary, column: guest_id}}}}
time: came_on
columns:
  guest_id: {{type: string}}
  came_on: {{type: date}}
  left_at: {{type: timestamp}}
  paid: {{type: number, currency: coin}}
  coin: {{type: string}}
{"".join(f"  {name}: {{type: string, dimension: true}}" + chr(10) for name in NAMES)}
"""
METRICS = """
metrics:
  stays: {type: simple, dataset: stays, agg: count}
  paid: {type: simple, dataset: stays, agg: sum, column: paid}
  paid_7_days: {type: cumulative, metric: paid, window: 7 days}
  standing: {type: semi_additive, dataset: stays, agg: sum, column: paid}
  own: {type: semi_additive, dataset: stays, agg: sum, column: paid, by: [guest]}
  left_again: {type: conversion, entity: guest, base: {dataset: stays}, conversion: {dataset: stays, time: left_at}}
  length: {type: interval, entity: guest, start: {dataset: stays}, end: {dataset: stays, time: left_at}}
  until_gone:
    type: interval
    entity: guest
    start: {dataset: stays}
    end: {dataset: stays, time: left_at}
    population: all
  way:
    type: funnel
    entity: guest
    stages: [{name: came, dataset: stays}, {name: left, dataset: stays, time: left_at}]
  per_stay: {type: ratio, numerator: paid, denominator: stays}
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    rows = [
        {
            "guest_id": f"g{number}",
            "came_on": date(2025, 5, 3),
            "left_at": utc(f"2025-05-0{4 + number}"),
            "paid": 10.0 * (number + 1),
            "coin": "USD",
            **dict.fromkeys(NAMES, "xy"[number]),
        }
        for number in range(2)
    ]
    root = tmp_path_factory.mktemp("awkward")
    return make_warehouse(root, datasets={"stays": STAYS}, metrics=METRICS, rows={"stays": rows})


@pytest.mark.req("PLT-9")
@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_metric_can_be_grouped_by_a_dimension_of_any_name(warehouse: Warehouse, name: str) -> None:
    expected = {
        "paid": {"x": 10, "y": 20},
        "paid_7_days": {"x": 10, "y": 20},
        "standing": {"x": 10, "y": 20},
        "own": {"x": 10, "y": 20},
        "left_again": {"x": 1, "y": 1},
        "length": {"x": 1, "y": 2},
        "until_gone": {"x": 1, "y": 2},
        "per_stay": {"x": 10, "y": 20},
    }
    found = answer(
        warehouse,
        *expected,
        group_by=(name,),
        period="2025-05-01..2025-05-08",
        compare="previous_period",
        order=(Order(name),),
    )
    assert {metric: values(found, metric) for metric in expected} == expected
    by_week = answer(warehouse, "paid_7_days", group_by=(name,), grain="week", period="2025-04-28..2025-05-05")
    assert values(by_week, "paid_7_days") == {("x", date(2025, 4, 28)): 10, ("y", date(2025, 4, 28)): 20}
    way = answer(warehouse, "way", group_by=(name,), where=f"{name} = 'y'")
    assert [stage.count for stage in way.funnel()] == [1, 1]
