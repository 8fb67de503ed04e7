"""The tree of a metric: its parts to the leaves, and what each part's change alone does to the one above."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_figure_panels import moods, nps, per_person

from panel_club import NOW, TODAY
from sightline.dashboards.effects import effects
from sightline.dashboards.metric_tree import MetricTreePage, TreeNode, TreeView, metric_tree
from sightline.dashboards.selection import parse
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.definitions.schema.metric import Ratio
from sightline.engines.duckdb import DuckDB
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("EXE-1", "SAA-9", "PLT-4")


def tree(club: Warehouse, name: str) -> MetricTreePage:
    selection = parse({}, dashboard=None, catalog=club.catalog).selection
    return metric_tree(name, selection, SYSTEM_VIEWER, warehouse=club, now=NOW)


def root(page: MetricTreePage) -> TreeNode:
    assert isinstance(page.panel, TreeView)
    return page.panel.root


def test_it_goes_down_to_what_is_counted(club: Warehouse) -> None:
    top = root(tree(club, "health"))
    assert [child.name for child in top.children] == ["mood_score", "per_person"]
    (nps_node,) = top.children[0].children
    assert [child.name for child in nps_node.children] == ["happy", "upset", "answers"]
    assert [child.part for child in top.children[1].children] == ["Numerator", "Denominator"]
    assert all(not leaf.children for leaf in nps_node.children)


def test_values_are_those_of_the_pages_and_parts_of_a_score_say_what_they_earn(club: Warehouse) -> None:
    top = root(tree(club, "health"))
    assert top.children[1].figure.value == pytest.approx(per_person())
    assert top.children[0].children[0].figure.value == pytest.approx(nps())
    assert top.children[0].part == f"Earns {60 * (nps() + 100) / 200:.0f} of 60 points"


def test_an_effect_is_the_metric_with_one_part_as_it_is_now(club: Warehouse) -> None:
    (part,) = [child for child in root(tree(club, "nps")).children if child.name == "happy"]
    from_before = moods_before()
    whole = sum(from_before.values())
    alone = 100 * (moods()["happy"] - from_before["upset"]) / whole
    before = 100 * (from_before["happy"] - from_before["upset"]) / whole
    assert part.effect_raw == pytest.approx(alone - before)
    assert part.effect.startswith("Alone it moves Net promoter score by +")


def moods_before() -> dict[str, int]:
    """Return the answers of the 90 days before the last 90: there are 170 days of answers in all."""
    names = ("happy", "happy", "fine", "happy", "upset", "happy", "fine")
    found = dict.fromkeys(names, 0)
    for number in range(90, 170):
        found[names[number % 7]] += 1
    return found


def test_the_twin_has_every_node_with_its_level(club: Warehouse) -> None:
    page = tree(club, "health")
    assert isinstance(page.panel, TreeView)
    levels = [(row.key, row.cells[1].text) for row in page.panel.table.rows]
    assert levels[:3] == [("health", "0"), ("mood_score", "1"), ("nps", "2")]
    assert len(levels) == 9
    assert TODAY.year == 2026


NUMBERS = st.floats(1, 1e6)


@given(now=st.tuples(NUMBERS, NUMBERS), before=st.tuples(NUMBERS, NUMBERS))
def test_a_ratios_effects_are_what_arithmetic_says(
    engine: DuckDB, now: tuple[float, float], before: tuple[float, float]
) -> None:
    metric = Ratio(type="ratio", numerator="a", denominator="b")
    found = effects(
        metric, now=dict(zip("ab", now, strict=True)), before=dict(zip("ab", before, strict=True)), engine=engine
    )
    assert found["a"] == pytest.approx(now[0] / before[1] - before[0] / before[1], rel=1e-9, abs=1e-9)
    assert found["b"] == pytest.approx(before[0] / now[1] - before[0] / before[1], rel=1e-9, abs=1e-9)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> DuckDB:
    return DuckDB(tmp_path_factory.mktemp("effects"))


def test_without_a_value_before_there_is_no_effect(engine: DuckDB) -> None:
    metric = Ratio(type="ratio", numerator="a", denominator="b")
    assert effects(metric, now={"a": 1.0, "b": 2.0}, before={"a": None, "b": 2.0}, engine=engine) == {}
