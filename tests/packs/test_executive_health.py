"""Health opens into what drags it, early warnings fire on planted values and on nothing else."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pyarrow as pa
import pytest
from executive_company import KPIS, Tables, board_of
from sample_company import NOW

from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.definitions.schema.metric import Score
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.question import Question
from sightline.metrics.warehouse import Warehouse

# floors and double weights as the documentation says them; the areas with their parts of a hundred
FLOORS = {
    "gross_margin": 0.60,
    "ebitda_margin": 0.05,
    "burn": 80_000,
    "cac": 3_600,
    "cac_payback": 12,
    "sales_cycle": 70,
    "churn": 0.05,
    "ltv_to_cac": 3,
    "nps": 30,
    "csat": 4.0,
    "uptime": 0.99,
    "api_response": 400,
    "bug_resolution": 48,
    "security_incidents": 4,
    "employee_satisfaction": 3.0,
    "employee_retention": 0.80,
    "productivity_index": 60,
    "course_nps": 30,
}
TWICE = ("arr", "mrr", "cash_flow", "churn")
KEYS = list(KPIS)
AREAS = {
    "financial_health": (30, KEYS[:10]),
    "customer_health": (25, KEYS[10:20]),
    "product_health": (15, KEYS[20:25]),
    "team_health": (10, KEYS[25:30]),
    "education_health": (10, KEYS[30:40]),
    "market_health": (10, KEYS[40:]),
}
SIGNALS = ("signal_churn", "signal_cac", "signal_growth", "signal_satisfaction", "signal_turnover")


def _asked(warehouse: Warehouse, *metrics: str, period: str = "last_13_months") -> Answer:
    return ask(Question(metrics, period=period), SYSTEM_VIEWER, warehouse=warehouse, now=NOW)


def _area(keys: list[str]) -> float:
    earned = weights = 0.0
    for key in keys:
        floor, kpi = FLOORS.get(key, 0), KPIS[key]
        weight = 2 if key in TWICE else 1
        earned += weight * min(1, max(0, (kpi.current - floor) / (kpi.target - floor)))
        weights += weight
    return 100 * earned / weights


@pytest.mark.req("EXE-1")
@pytest.mark.parametrize("area", AREAS)
def test_the_health_of_an_area_is_the_weighted_attainment_of_its_kpis(board: Warehouse, area: str) -> None:
    assert _asked(board, area).cell(0, area).value == pytest.approx(_area(AREAS[area][1]), abs=1e-6)


@pytest.mark.req("EXE-1")
def test_overall_health_equals_an_independent_computation_and_opens_into_its_parts(board: Warehouse) -> None:
    answer = _asked(board, "overall_health")
    wanted = sum(weight * _area(keys) for weight, keys in AREAS.values()) / 100
    assert answer.cell(0, "overall_health").value == pytest.approx(wanted, abs=1e-6)
    said = answer.explain("overall_health")
    assert {part.name: part.value for part in said.operands} == pytest.approx(
        {area: _area(keys) for area, (_, keys) in AREAS.items()}
    )
    assert "30 × financial" in said.formula
    assert "30 × 0." in said.filled
    parts = _asked(board, "customer_health").explain("customer_health")
    assert {part.name for part in parts.operands} == {f"kpi_{key}" for key in KEYS[10:20]}
    assert "2 × churn rate, monthly (0.05 to 0.025)" in parts.formula


@pytest.mark.req("EXE-1")
def test_every_kpi_is_in_the_health_of_one_area(board: Warehouse) -> None:
    found = [
        each.metric
        for area in AREAS
        if isinstance(metric := board.catalog.metric(area), Score)
        for each in metric.components
    ]
    assert sorted(found) == sorted(f"kpi_{key}" for key in KPIS)


@pytest.mark.req("EXE-3")
def test_no_early_warning_is_triggered_in_the_sample(board: Warehouse) -> None:
    answer = _asked(board, *SIGNALS, "warnings_triggered")
    assert [answer.cell(0, name).status for name in SIGNALS] == ["good"] * 5
    assert answer.cell(0, "signal_growth").value == pytest.approx(0.28, abs=0.001)
    assert answer.cell(0, "signal_cac").value == pytest.approx(2400 / 2650 - 1, abs=0.001)
    assert answer.cell(0, "signal_turnover").value == pytest.approx(0.08)
    assert answer.cell(0, "warnings_triggered").value == 0


def _planted(tables: Tables, **changes: str) -> Tables:
    """Return the tables with the last value of some KPIs replaced."""
    values = tables["kpi_values"].to_pylist()
    for key, value in changes.items():
        last = max((row for row in values if row["kpi"] == key), key=lambda row: row["at"])
        last["value"] = Decimal(value)
    return {**tables, "kpi_values": pa.Table.from_pylist(values, tables["kpi_values"].schema)}


@pytest.mark.req("EXE-3")
@pytest.mark.parametrize(
    ("signal", "key", "below", "beyond"),
    [
        ("signal_churn", "churn", "0.04", "0.0401"),
        ("signal_cac", "cac", "3180", "3190"),  # 2,650 a year before
        ("signal_growth", "arr", "1078200", "1078000"),  # 937,560 a year before
        ("signal_satisfaction", "csat", "4.5", "4.49"),
        ("signal_turnover", "employee_retention", "0.9", "0.8999"),
    ],
)
def test_an_early_warning_fires_past_its_trigger_and_not_at_it(
    tmp_path_factory: pytest.TempPathFactory,
    make_warehouse: Callable[..., Warehouse],
    tables: Tables,
    signal: str,
    key: str,
    below: str,
    beyond: str,
) -> None:
    for value, status, count in ((below, "good", 0), (beyond, "critical", 1)):
        planted = _planted(tables, **{key: value})
        warehouse = board_of(tmp_path_factory, make_warehouse, planted)
        answer = _asked(warehouse, *SIGNALS, "warnings_triggered")
        assert answer.cell(0, signal).status == status, value
        assert answer.cell(0, "warnings_triggered").value == count, value
        assert [answer.cell(0, name).status for name in SIGNALS if name != signal] == ["good"] * 4
