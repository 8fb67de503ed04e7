"""Tie-outs: numbers that must agree are compared wherever either side has a value."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from small_company import answer, company, event, person, utc

from sightline.definitions.schema.metric import Tieout
from sightline.metrics.tieouts import TieoutResult, run_tieouts
from sightline.metrics.warehouse import Warehouse


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    people = [person("a", "2025-05-01"), person("b", "2025-05-01", team="blue"), person("c", "2025-05-01", team=None)]
    events = [
        event("e1", "a", "buy", "2025-05-02", 5, weight=math.nan),
        event("e2", "b", "visit", "2025-06-02", 7),
        event("e3", "a", "visit", "2025-06-03"),
    ]
    return company(tmp_path_factory.mktemp("tieouts"), people=people, events=events)


def result(warehouse: Warehouse, **tieout: Any) -> TieoutResult:
    catalog = replace(warehouse.catalog, tieouts={"one": Tieout(**tieout)}, digest=repr(tieout))
    return run_tieouts(replace(warehouse, catalog=catalog), now=utc("2025-06-15"))[0]


@pytest.mark.req("PLT-3.6")
@pytest.mark.parametrize(
    ("tieout", "state", "left", "right"),
    [
        ({"parts": "events", "by": ["team"]}, "ok", 3, 3),
        ({"parts": "amount", "by": ["team", "kind"], "grain": "month"}, "ok", 5, 5),
        ({"parts": "active_people", "by": ["kind"]}, "differs", 3, 2),
        ({"left": "events", "right": "bought + 2"}, "ok", 3, 3),
        ({"left": "events", "right": "bought"}, "differs", 3, 1),
        ({"left": "events", "right": "bought", "tolerance": 2}, "ok", 3, 1),
        ({"left": "bought_share * events", "right": "bought", "by": ["kind"]}, "ok", 1, 1),
        ({"left": "abs(bought - events)", "right": "2"}, "ok", 2, 2),
        ({"left": "coalesce(mean_amount, 0)", "right": "6"}, "ok", 6, 6),
        ({"left": "events / 0", "right": "1"}, "differs", 0, 1),
        ({"left": "held", "right": "events"}, "differs", 0, 3),
        ({"left": "held", "right": "held_own"}, "ok", None, None),
    ],
)
def test_a_tie_out_compares_both_sides(
    warehouse: Warehouse, tieout: dict[str, Any], state: str, left: float | None, right: float | None
) -> None:
    found = result(warehouse, **tieout)
    assert (found.state, found.left, found.right) == (state, left, right)


@pytest.mark.req("PLT-3.6")
def test_the_worst_place_is_named(warehouse: Warehouse) -> None:
    found = result(warehouse, left="events", right="bought", by=["team"], grain="month")
    assert (found.state, found.where, found.message) == ("differs", "blue, 2025-06-01", "1 against 0, blue, 2025-06-01")


@pytest.mark.req("PLT-3.6", "PLT-3.4")
def test_what_is_no_number_agrees_with_nothing(warehouse: Warehouse) -> None:
    found = result(warehouse, left="weight", right="1", tolerance=100)
    assert (found.state, found.difference) == ("differs", math.inf)


@pytest.mark.req("PLT-3.6")
def test_a_tie_out_that_cannot_be_asked_is_an_error_and_not_an_agreement(warehouse: Warehouse) -> None:
    found = result(warehouse, left="events", right="people", by=["kind"])
    assert found.state == "error"
    assert "kind" in found.message


@pytest.mark.req("PLT-3.6")
def test_tie_outs_leave_no_metric_behind(warehouse: Warehouse) -> None:
    result(warehouse, left="events", right="bought")
    assert not [name for name in warehouse.catalog.metrics if name.startswith("tieout")]
    assert answer(warehouse, "events").cell(0, "events").value == 3
