"""Rows that point to members of another dataset tell how these are called, as far as the viewer may see them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tiny_workspace import make_warehouse

from sightline.definitions.policy import SYSTEM_VIEWER, Viewer, policy_of
from sightline.metrics.question import Order
from sightline.metrics.rows import RowsRequest, rows_behind
from sightline.metrics.warehouse import Warehouse

NOW = datetime(2026, 1, 10, tzinfo=UTC)
DATASETS = {
    "goals": """
dataset: goals
entities: {goal: {type: primary, column: id, label: name}}
columns:
  id: {type: string}
  name: {type: string, pii: name}
  team: {type: string, dimension: true}
""",
    "tasks": """
dataset: tasks
entities:
  task: {type: primary, column: id}
  goal: {type: foreign, column: goal}
columns:
  id: {type: string}
  goal: {type: string}
""",
}
ROWS = {
    "goals": [
        {"id": "g1", "name": "More deals", "team": "sales"},
        {"id": "g2", "name": "Fewer bugs", "team": "product"},
        {"id": "g3", "name": None, "team": "product"},
    ],
    "tasks": [{"id": str(number), "goal": goal} for number, goal in enumerate(["g1", "g2", "g2", "g3", "gone", None])],
}
ROLES = """
roles:
  all: {permissions: [view, see_rows], rows: {"*": all}, masks: {"*": show}}
  sales: {permissions: [view, see_rows], rows: {goals: team = 'sales', tasks: all}, masks: {"*": show}}
  masked: {permissions: [view, see_rows], rows: {"*": all}, masks: {name: hide}}
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    metrics = "metrics: {tasks: {type: simple, dataset: tasks, agg: count, description: x}}"
    return make_warehouse(tmp_path_factory.mktemp("named"), datasets=DATASETS, metrics=metrics, rows=ROWS, roles=ROLES)


def names(warehouse: Warehouse, viewer: Viewer, *, named: bool = True, size: int = 50) -> list[dict[str, str]]:
    request = RowsRequest(dataset="tasks", order=Order("id"), named=named, page_size=size)
    page = rows_behind(request, viewer, warehouse=warehouse, now=NOW)
    assert page.total == len(ROWS["tasks"])
    assert not named or len(page.names) == len(page.rows)
    return [dict(each) for each in page.names]


def test_each_row_names_the_member_it_points_to(warehouse: Warehouse) -> None:
    deals, bugs = {"goal": "More deals"}, {"goal": "Fewer bugs"}
    assert names(warehouse, SYSTEM_VIEWER) == [deals, bugs, bugs, {}, {}, {}]
    assert names(warehouse, SYSTEM_VIEWER, size=2) == [deals, bugs]
    assert names(warehouse, SYSTEM_VIEWER, named=False) == [{}] * 6


def test_a_member_beyond_the_row_policy_has_no_name(warehouse: Warehouse) -> None:
    viewer = Viewer("sales", policy_of(warehouse.catalog.roles["sales"], {}))
    assert names(warehouse, viewer) == [{"goal": "More deals"}, {}, {}, {}, {}, {}]


def test_a_masked_name_is_masked_here_too(warehouse: Warehouse) -> None:
    viewer = Viewer("masked", policy_of(warehouse.catalog.roles["masked"], {}))
    assert all("deals" not in str(each) and "bugs" not in str(each) for each in names(warehouse, viewer))
