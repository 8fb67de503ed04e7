"""Every number explains itself: operands give the value, filters and access are named, notes are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from small_company import answer, company, event, person, utc, viewer

from sightline.definitions.dimensions import NONE
from sightline.metrics.question import Filter
from sightline.metrics.warehouse import Warehouse

MAY = "2025-05-01..2025-06-01"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    people = [person("a", "2025-05-01"), person("b", "2025-05-02", team="blue"), person("c", "2025-05-03")]
    events = [
        event("e1", "a", "buy", "2025-05-05", 10),
        event("e2", "a", "buy", "2025-05-06", 5),
        event("e3", "b", "buy", "2025-05-01", 5),
        event("e4", "b", "visit", "2025-05-09"),
    ]
    return company(tmp_path_factory.mktemp("explained"), people=people, events=events)


def computed(filled: str) -> tuple[float, float]:
    """Return both sides of `98,800 ÷ 1,392 = 70.98`."""
    left, right = filled.replace(",", "").split(" = ")
    sides = left.replace("÷", "/").replace("×", "*").replace("−", "-").replace("coalesce(", "(").replace(" 0)", "")
    return float(eval(re.sub(r"\((\d+\.?\d*)$", r"\1", sides))), float(right)  # noqa: S307 - our own arithmetic


@pytest.mark.req("PLT-3")
@pytest.mark.parametrize("metric", ["amount_each", "bought_share", "buyers", "events_per_person"])
def test_the_operands_in_the_formula_give_the_value(warehouse: Warehouse, metric: str) -> None:
    found = answer(warehouse, metric, period=MAY).explain(metric)
    left, right = computed(found.filled)
    assert left == pytest.approx(right, abs=1e-4)
    assert right == pytest.approx(found.cell.value, abs=1e-4)
    assert len(found.operands) == 2


@pytest.mark.req("PLT-3")
def test_formulas_are_in_words(warehouse: Warehouse) -> None:
    expected = {
        "amount": "sum of amount in events",
        "bought": "number of events where kind = 'buy'",
        "amount_each": "amount ÷ bought",
        "events_per_person": "events ÷ people",
        "buyers_7_days": "person with events where kind = 'buy' within 7 days ÷ person with people",
        "days_to_buy_p90": "90% quantile of the days from people to events where kind = 'buy', by person",
        "events_7_days": "events over 7 days",
        "events_this_month": "events since the start of the month",
        "held": "sum of held in balances on the last day",
        "journey": "Began → Visited → Bought something",
    }
    said = {metric: answer(warehouse, metric, period=MAY).explain(metric).formula for metric in expected}
    assert said == expected


@pytest.mark.req("PLT-3", "PRG-4.1")
def test_group_bucket_filters_condition_and_access_are_named(warehouse: Warehouse) -> None:
    who = viewer({"*": "team in $user.team"}, team=("red", "blue"))
    found = answer(
        warehouse,
        "events",
        group_by=("team",),
        grain="month",
        period=MAY,
        filters=(Filter("kind", ("buy", None)), Filter("region", ("south",), "not_in")),
        where="origin is null",
        viewer=who,
    )
    assert found.explain("events", row=0).filters == (
        ("Team", "The Reds"),
        ("Month", "2025-05-01"),
        ("Kind", f"buy, {NONE}"),
        ("Region", "not south"),
        ("Where", "origin is null"),
        ("Row access", "team is red, blue"),
    )


@pytest.mark.req("PLT-3", "PRG-1.5")
def test_sources_snapshot_definition_and_sql_are_given(warehouse: Warehouse) -> None:
    found = answer(warehouse, "events_per_person", period=MAY, compare="previous_period").explain("events_per_person")
    assert {source.dataset for source in found.sources} == {"events", "people"}
    events = next(source for source in found.sources if source.dataset == "events")
    assert (events.data_through, events.loaded_at) == (utc("2025-05-09"), utc("2026-01-01"))
    assert found.snapshot == warehouse.lake.snapshot().id
    assert re.fullmatch(r"pack/metrics/all\.yaml:\d+(:\d+)?", found.definition)
    assert found.digest == warehouse.catalog.digest
    assert found.sql.startswith("WITH")
    assert (found.zone, str(found.period.start), str(found.comparison and found.comparison.start)) == (
        "UTC",
        "2025-05-01",
        "2025-04-01",
    )
    assert "Compared with 2025-04-01 up to 2025-05-01, that day excluded." in found.notes


@pytest.mark.req("PLT-3", "PRG-3.1", "PRG-3.5", "PLT-3.2")
def test_notes_tell_of_order_maturity_and_open_periods(warehouse: Warehouse) -> None:
    rate = " ".join(answer(warehouse, "buyers", period=MAY).explain("buyers").notes)
    assert "1 of the conversions are dated before the base event; they count." in rate
    days = " ".join(answer(warehouse, "days_to_buy", period=MAY).explain("days_to_buy").notes)
    assert "Days to buy: 1 dated before its start is left out of the figure" in days
    assert "1 completed, 1 still waiting." in days
    young = answer(warehouse, "buyer_count", period="this_month", now="2025-05-15T12:00").explain("buyer_count")
    # The events end on the 9th of May, and 14 days before that nobody of May had begun.
    assert "0% of this cohort has had time to convert; the figure will still change." in young.notes
    late = "Buyer count: the data ends on 2025-05-09; maturity and waiting times count up to that day, not up to today"
    assert late in young.notes
    assert "The period has not ended: the figure is to date." in young.notes


@pytest.mark.req("PLT-3", "PLT-3.4")
def test_a_missing_figure_is_explained_too(warehouse: Warehouse, tmp_path: Path) -> None:
    found = answer(warehouse, "amount_each", period="2024-01-01..2024-02-01").explain("amount_each")
    assert (found.cell.value, found.cell.state, found.filled) == (None, "zero_denominator", "0 ÷ 0 = –")
    empty = answer(company(tmp_path), "events", group_by=("team",)).explain("events")
    assert (empty.cell.value, empty.cell.state) == (None, "no_data")
