"""Compared with its target, an answer holds target, what is due and the gap as columns of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_company import METRICS, answer, company, event, person

from sightline.metrics.document import answer_document, to_json
from sightline.metrics.question import Filter

TARGETS = """
  planned: {type: simple, dataset: events, agg: count, targets: [{value: 310, per: month}]}
"""


@pytest.mark.req("PLT-3.1", "PLT-3.7")
def test_the_target_stands_beside_each_figure(tmp_path: Path) -> None:
    events = [event(f"e{n}", "a", "visit", f"2025-05-{n + 1:02d}") for n in range(31)]
    events += [event("june", "a", "visit", "2025-06-14")]
    warehouse = company(tmp_path, people=[person("a", "2025-01-01")], events=events, metrics=METRICS + TARGETS)
    found = answer(warehouse, "planned", "people", grain="month", period="2025-05-01..2025-07-01", compare="target")
    document = json.loads(to_json(answer_document(found)))
    assert [(column["name"], column["role"]) for column in document["columns"]] == [
        ("period", "period"),
        ("planned", "metric"),
        ("planned__target", "target"),
        ("planned__expected", "target"),
        ("planned__gap", "target"),
        ("people", "metric"),
    ]
    by_now = 310 / 30 * 14
    assert document["rows"][0] == ["2025-05-01", 31, pytest.approx(310), pytest.approx(310), pytest.approx(-279), 0]
    assert document["rows"][1] == [
        "2025-06-01",
        1,
        pytest.approx(310),
        pytest.approx(by_now),
        pytest.approx(1 - by_now),
        0,
    ]
    assert found.cell(1, "planned").expected == pytest.approx(by_now)


@pytest.mark.req("PLT-3.1", "PLT-3.7")
def test_without_a_target_for_the_part_the_columns_are_empty_and_without_the_comparison_there_are_none(
    tmp_path: Path,
) -> None:
    warehouse = company(tmp_path, events=[event("e", "a", "visit", "2025-06-14")], metrics=METRICS + TARGETS)
    part = (Filter("kind", ("visit", "buy")),)
    found = answer(warehouse, "planned", period="this_month", filters=part, compare="target")
    assert found.rows() == [[1, None, None, None]]
    assert [column.name for column in answer(warehouse, "planned", period="this_month").columns] == ["planned"]
