"""Members side by side, and the page of one metric."""

from __future__ import annotations

from typing import Any

import pytest
from tiny_shop import NOW

from sightline.dashboards.about import NoMetric, about
from sightline.dashboards.build import UnknownMember
from sightline.dashboards.compare import CannotCompare, comparable_metrics, compare_view
from sightline.dashboards.metric_page import dimensions_of, metric_view
from sightline.dashboards.selection import Selection
from sightline.dashboards.view import ComparePage
from sightline.definitions.catalog import UnknownName
from sightline.definitions.policy import SYSTEM_VIEWER, Policy, Viewer
from sightline.metrics import Warehouse, ask, rows_behind

NINETY = Selection("last_90_days", "previous_period")


def compare(shop: Warehouse, *keys: str, viewer: Viewer = SYSTEM_VIEWER) -> ComparePage:
    return compare_view("program", keys, ("leads", "win_rate", "cpl", "spend"), NINETY, viewer, warehouse=shop, now=NOW)


@pytest.mark.req("PRG-3.6")
def test_members_stand_side_by_side_with_the_best_value_marked(shop: Warehouse) -> None:
    page = compare(shop, "b", "a", "c")
    assert [column.label for column in page.view.table.columns] == ["Metric", "Beta", "Alpha", "Gamma"]
    rate = page.view.table.rows[1]
    assert [cell.text for cell in rate.cells] == ["Win rate", "6.0%", "20.0%", "3 of 10"]
    # Gamma's 30 % rests on 10 cases: it wins nothing. Costs are equal and spend is neither good nor bad: no mark.
    assert page.view.best == {("leads", "a"), ("win_rate", "a")}
    assert page.candidates == (("a", "Alpha"), ("b", "Beta"), ("c", "Gamma"))


@pytest.mark.req("PRG-3.6")
@pytest.mark.parametrize("keys", [("a",), ("a", "a"), tuple("abcdefg")])
def test_two_to_six_members_are_compared(shop: Warehouse, keys: tuple[str, ...]) -> None:
    with pytest.raises(CannotCompare, match="Choose 2 to 6"):
        compare(shop, *keys)


@pytest.mark.req("PRG-4.1")
def test_a_member_the_viewer_may_not_see_is_as_unknown_as_one_that_does_not_exist(shop: Warehouse) -> None:
    policy = Policy(frozenset({"view"}), rows={"*": "school in $user.school"}, attributes={"school": ("Business",)})
    for key in ("c", "zzz"):
        with pytest.raises(UnknownMember) as caught:
            compare(shop, "a", key, viewer=Viewer("partner", policy))
        assert "Gamma" not in str(caught.value)


def test_the_compared_metrics_are_those_the_dashboards_show_by_the_entity(shop: Warehouse) -> None:
    assert comparable_metrics("program", warehouse=shop) == ("leads", "win_rate", "cpl")


def test_a_metric_page_defines_draws_and_breaks_down(shop: Warehouse) -> None:
    view = metric_view("win_rate", NINETY, SYSTEM_VIEWER, warehouse=shop, now=NOW)
    tile: Any = view.tile
    assert (view.title, tile.figure.text) == ("Win rate", "16.3%")
    assert ("Benchmark", "10%") in view.facts
    assert [link.href for _, link in view.made_of] == ["metrics/wins", "metrics/leads"]
    assert ("Shelf", "d/shelf") in [(title, link.href) for title, link in view.used_in]
    assert [panel.title for panel in view.breakdowns] == ["By program", "By source", "By school"]
    assert all(panel.state == "ok" for panel in (view.trend, *view.breakdowns))


def test_breakdowns_are_by_dimensions_that_every_dataset_reaches(shop: Warehouse) -> None:
    assert dimensions_of("leads", warehouse=shop) == ("program", "source", "school")
    assert dimensions_of("cpl", warehouse=shop) == ("program", "school")


@pytest.mark.parametrize("name", ["leads", "cpl", "cohort_rate", "funnel", "spend"])
def test_every_kind_of_metric_has_a_page(shop: Warehouse, name: str) -> None:
    view = metric_view(name, NINETY, SYSTEM_VIEWER, warehouse=shop, now=NOW)
    assert {panel.state for panel in (view.tile, view.trend, *view.breakdowns)} == {"ok"}


def test_an_unknown_metric_is_named(shop: Warehouse) -> None:
    with pytest.raises(UnknownName, match="win_rate"):
        metric_view("winrate", NINETY, SYSTEM_VIEWER, warehouse=shop, now=NOW)


def test_the_explain_link_of_a_number_asks_for_exactly_that_number(shop: Warehouse, show: Any, panel: Any) -> None:
    row = next(row for row in panel(show(school="Business"), "programs").rows if row.key == "b")
    query: dict[str, list[str]] = {}
    for key, value in row.cells[3].figure.explain.query:
        query.setdefault(key, []).append(value)
    one = about(query, catalog=shop.catalog)
    assert one.problems == ()
    answer = ask(one.question, SYSTEM_VIEWER, warehouse=shop, now=NOW)
    assert answer.cell(0, "win_rate").value == pytest.approx(0.06)


@pytest.mark.req("PRG-6")
def test_the_rows_link_of_a_number_opens_its_rows(shop: Warehouse, show: Any, panel: Any) -> None:
    row = next(row for row in panel(show(), "programs").rows if row.key == "b")
    one = about({key: [value] for key, value in row.rows_link.query}, catalog=shop.catalog)
    assert rows_behind(one.rows(), SYSTEM_VIEWER, warehouse=shop, now=NOW).total == 50


def test_an_address_without_a_metric_is_refused(shop: Warehouse) -> None:
    with pytest.raises(NoMetric):
        about({}, catalog=shop.catalog)
