"""Scores: weighted shares of components, what is missing left out with its weight, and an explanation of each part."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_workspace import make_warehouse

from sightline.definitions.expressions import columns_in, parse_expression
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.definitions.schema.metric import Score
from sightline.metrics.ask import ask
from sightline.metrics.question import Question
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("SAA-2", "EXE-1", "PRG-1.6")
NOW = datetime(2025, 7, 10, 12, tzinfo=UTC)
DATASETS = {
    "leads": """
dataset: leads
entities: {lead: {type: primary, column: id}}
time: at
columns:
  id: {type: string}
  program: {type: string, dimension: true}
  email: {type: string}
  hours: {type: number}
  at: {type: date}
"""
}
METRICS = """
metrics:
  leads: {type: simple, dataset: leads, agg: count, description: x}
  with_email: {type: simple, dataset: leads, agg: count, where: email is not null, description: x}
  email_filled: {type: ratio, numerator: with_email, denominator: leads, description: x}
  mean_hours: {type: simple, dataset: leads, agg: avg, column: hours, unit: hours, description: x}
  quality:
    type: score
    description: x
    n: leads
    components:
      - {metric: email_filled, weight: 60, label: E-mail filled}
      - {metric: mean_hours, weight: 40, worst: 10, best: 2, label: Answered soon}
"""
ROWS = [
    {"id": "1", "program": "a", "email": "x", "hours": 4.0, "at": date(2025, 7, 1)},
    {"id": "2", "program": "a", "email": None, "hours": 4.0, "at": date(2025, 7, 1)},
    {"id": "3", "program": "b", "email": "x", "hours": 30.0, "at": date(2025, 7, 1)},
    {"id": "4", "program": "c", "email": "x", "hours": None, "at": date(2025, 7, 1)},
]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return make_warehouse(tmp_path_factory.mktemp("score"), datasets=DATASETS, metrics=METRICS, rows={"leads": ROWS})


def test_each_group_has_the_score_of_its_own_components(warehouse: Warehouse) -> None:
    question = Question(("quality",), group_by=("program",), period="all_time")
    answer = ask(question, SYSTEM_VIEWER, warehouse=warehouse, now=NOW)
    found = dict(zip(answer.data["program"], answer.data["quality"], strict=True))
    assert found["a"] == pytest.approx(60 * 0.5 + 40 * (10 - 4) / 8)
    assert found["b"] == pytest.approx(60)  # 30 hours are beyond the worst: nothing, not less
    assert found["c"] == pytest.approx(100)  # no hours are known: left out with their weight


def test_it_opens_into_its_components(warehouse: Warehouse) -> None:
    question = Question(("quality",), group_by=("program",), period="all_time")
    explained = ask(question, SYSTEM_VIEWER, warehouse=warehouse, now=NOW).explain("quality", row=0)
    assert [(part.name, part.value) for part in explained.operands] == [("email_filled", 0.5), ("mean_hours", 4.0)]
    assert explained.filled == "100 × (60 × 0.50 + 40 × 0.75) ÷ 100 = 60"
    assert explained.formula == "60 × e-mail filled (0 to 1) + 40 × answered soon (10 to 2), of 100"


@given(
    st.lists(
        st.tuples(st.floats(0.1, 100), st.floats(-50, 50), st.floats(-50, 50)).filter(lambda c: c[1] != c[2]),
        min_size=1,
        max_size=5,
    )
)
def test_the_formula_names_every_component_and_stays_in_the_language(parts: list[tuple[float, float, float]]) -> None:
    components = [
        {"metric": f"m{number}", "weight": weight, "worst": worst, "best": best}
        for number, (weight, worst, best) in enumerate(parts)
    ]
    score = Score.model_validate({"type": "score", "components": components})
    assert columns_in(parse_expression(score.formula)) == {f"m{number}" for number in range(len(parts))}
