"""Movements of a level against a computation in plain Python, and: opening + movements = closing, everywhere."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tiny_workspace import make_warehouse

from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.question import Filter, Question
from sightline.metrics.rows import RowsRequest, rows_behind
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("SAA-1", "PLT-3.6")
NOW = datetime(2025, 7, 10, 12, tzinfo=UTC)
KINDS = ("opening", "new", "reactivated", "expansion", "contraction", "churned", "closing")
MOVING = KINDS[1:-1]
TIERS = ("basic", "pro", None)
DATASETS = {
    "mrr_changes": """
dataset: mrr_changes
key: [customer, at, tier]
time: at
entities: {customer: {type: foreign, column: customer, standalone: true}}
columns:
  customer: {type: string}
  tier: {type: string, dimension: true}
  at: {type: date}
  amount: {type: decimal, currency: EUR}
"""
}
METRICS = "metrics:\n" + "".join(
    f"  {kind}: {{type: movement, entity: customer, changes: {{dataset: mrr_changes}}, column: amount, kind: {kind}, "
    f"unit: eur, description: x}}\n"
    f"  {kind}_customers: {{type: movement, entity: customer, changes: {{dataset: mrr_changes}}, column: amount, "
    f"kind: {kind}, show: entities, description: x}}\n"
    for kind in KINDS
)
METRICS += "".join(
    f"  {kind}_of_a_month: {{type: movement, entity: customer, changes: {{dataset: mrr_changes}}, column: amount, "
    f"kind: {kind}, window: 1 month, unit: eur, description: x}}\n"
    for kind in KINDS
)


def changes() -> list[dict[str, Any]]:
    """Two years of 60 customers who come, grow, shrink, leave, come back and change tier; seeded."""
    rng, rows = random.Random(4), []  # noqa: S311 # test data
    for number in range(60):
        day, level = date(2024, 1, 1) + timedelta(days=rng.randrange(400)), Decimal(0)
        for _ in range(rng.randrange(1, 8)):
            wanted = Decimal(rng.choice([0, 0, 19, 49, 99, 250])) + Decimal(rng.randrange(100)) / 100
            if wanted < 1:
                wanted = Decimal(0)
            if wanted != level:
                rows.append({"customer": f"c{number}", "tier": TIERS[number % 3], "at": day, "amount": wanted - level})
                level = wanted
            day += timedelta(days=rng.randrange(1, 120))
    return [row for row in rows if row["at"] <= NOW.date()]


ROWS = changes()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return make_warehouse(
        tmp_path_factory.mktemp("mrr"), datasets=DATASETS, metrics=METRICS, rows={"mrr_changes": ROWS}
    )


def oracle(start: date, end: date, *, tier: object = "any") -> dict[str, tuple[Decimal, int]]:
    """Amount and number of entities of each kind, by going through every customer's life."""
    lives: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for row in sorted(ROWS, key=lambda row: row["at"]):
        if tier in ("any", row["tier"]):
            lives[row["customer"]].append((row["at"], row["amount"]))
    found = {kind: (Decimal(0), 0) for kind in KINDS}

    def add(kind: str, amount: Decimal) -> None:
        found[kind] = (found[kind][0] + amount, found[kind][1] + 1)

    for life in lives.values():
        level, opening, closing, ever = Decimal(0), Decimal(0), Decimal(0), False
        for at, amount in life:
            level += amount
            if at < start:
                opening, ever = level, ever or level > 0
            if at < end:
                closing = level
        if opening > 0:
            add("opening", opening)
        if closing > 0:
            add("closing", closing)
        if not opening and closing:
            add("reactivated" if ever else "new", closing)
        elif opening and not closing:
            add("churned", -opening)
        elif opening and closing != opening:
            add("expansion" if closing > opening else "contraction", closing - opening)
    return found


def asked(warehouse: Warehouse, *, entities: bool = False, **more: Any) -> Answer:
    names = tuple(f"{kind}_customers" if entities else kind for kind in KINDS)
    return ask(Question(names, **more), SYSTEM_VIEWER, warehouse=warehouse, now=NOW)


MONTHS = [(date(2024 + m // 12, m % 12 + 1, 1), date(2024 + (m + 1) // 12, (m + 1) % 12 + 1, 1)) for m in range(18)]


def test_every_month_equals_the_lives_of_the_customers(warehouse: Warehouse) -> None:
    amounts = asked(warehouse, grain="month", period="2024-01-01..2025-07-01")
    counts = asked(warehouse, grain="month", period="2024-01-01..2025-07-01", entities=True)
    assert amounts.n_rows == len(MONTHS)
    for row, (start, end) in enumerate(MONTHS):
        expected = oracle(start, end)
        for kind in KINDS:
            assert amounts.value(row, kind) == pytest.approx(float(expected[kind][0]), abs=1e-9), (start, kind)
            assert counts.value(row, f"{kind}_customers") == expected[kind][1], (start, kind)


@pytest.mark.parametrize("grain", ["week", "month", "quarter", "year"])
@pytest.mark.parametrize("group_by", [(), ("tier",)])
def test_movements_foot_to_the_cent_in_every_period_and_tier(
    warehouse: Warehouse, grain: Any, group_by: tuple[str, ...]
) -> None:
    answer = asked(warehouse, grain=grain, group_by=group_by, period="2024-01-01..2025-07-01")
    before: dict[object, float] = {}
    for row in range(answer.n_rows):
        opening, closing = answer.value(row, "opening"), answer.value(row, "closing")
        moved = sum(answer.value(row, kind) for kind in MOVING)
        assert round(opening + moved, 2) == round(closing, 2)
        group = answer.value(row, "tier") if group_by else None
        assert round(opening, 2) == round(before.get(group, 0.0), 2)  # where one period ends the next begins
        before[group] = closing


@pytest.mark.parametrize("tier", TIERS)
def test_a_tier_alone_is_the_same_by_group_and_by_filter(warehouse: Warehouse, tier: str | None) -> None:
    period = "2024-06-01..2025-02-01"
    expected = oracle(date(2024, 6, 1), date(2025, 2, 1), tier=tier)
    filtered = asked(warehouse, period=period, filters=(Filter("tier", (tier,)),))
    grouped = asked(warehouse, period=period, group_by=("tier",))
    row = next(row for row in range(grouped.n_rows) if grouped.value(row, "tier") == tier)
    for kind in KINDS:
        assert filtered.value(0, kind) == pytest.approx(float(expected[kind][0]))
        assert grouped.value(row, kind) == pytest.approx(float(expected[kind][0]))


def test_all_time_begins_with_nothing(warehouse: Warehouse) -> None:
    answer = asked(warehouse, period="all_time")
    assert answer.value(0, "opening") == 0
    assert answer.value(0, "closing") == pytest.approx(float(sum(row["amount"] for row in ROWS)))


def test_a_comparison_is_the_period_before(warehouse: Warehouse) -> None:
    answer = asked(warehouse, period="2025-01-01..2025-02-01", compare="previous_period")
    expected = oracle(date(2024, 12, 1), date(2025, 1, 1))
    for kind in KINDS:
        assert answer.value(0, f"{kind}__previous") == pytest.approx(float(expected[kind][0]))


def test_it_says_what_it_is_made_of(warehouse: Warehouse) -> None:
    explained = asked(warehouse, period="2025-01-01..2025-02-01").explain("churned")
    assert (
        explained.formula
        == "churned amount: by customer, level at the end against level at the beginning of the period"
    )


@pytest.mark.req("SAA-5")
@pytest.mark.parametrize(
    ("period", "grain", "windows"),
    [
        ("2024-01-01..2025-07-01", "month", MONTHS),
        ("2024-01-01..2025-07-01", "quarter", MONTHS[2::3]),
        ("2024-05-09..2025-03-18", None, [(date(2025, 2, 18), date(2025, 3, 18))]),
        ("2025-03-28..2025-03-31", None, [(date(2025, 2, 28), date(2025, 3, 31))]),
        ("2025-03-01..2025-03-04", "day", [(date(2025, 2, day), date(2025, 3, day)) for day in (2, 3, 4)]),
        ("all_time", None, [(date(2025, 6, 11), date(2025, 7, 11))]),
    ],
)
def test_a_movement_of_a_month_is_of_the_month_that_ends_with_the_period_or_the_bucket(
    warehouse: Warehouse, period: str, grain: Any, windows: list[tuple[date, date]]
) -> None:
    names = tuple(f"{kind}_of_a_month" for kind in KINDS)
    answer = ask(Question(names, period=period, grain=grain), SYSTEM_VIEWER, warehouse=warehouse, now=NOW)
    assert answer.n_rows == len(windows)
    for row, (start, end) in enumerate(windows):
        expected = oracle(start, end)
        for kind in KINDS:
            assert answer.value(row, f"{kind}_of_a_month") == pytest.approx(float(expected[kind][0]), abs=1e-9), start
    said = answer.explain("churned_of_a_month").formula
    assert said.endswith("level at the end against level at the beginning of the last 1 month of the period")


def test_the_rows_behind_a_movement_of_a_month_are_the_changes_of_that_month(warehouse: Warehouse) -> None:
    wanted = RowsRequest(metric="churned_of_a_month", period="2024-05-09..2025-03-18", page_size=500)
    page = rows_behind(wanted, SYSTEM_VIEWER, warehouse=warehouse, now=NOW)
    assert page.total == sum(date(2025, 2, 18) <= row["at"] < date(2025, 3, 18) for row in ROWS)
    assert 0 < page.total < len(ROWS)
