"""Pages that have something to say instead of figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tiny_shop import NOW, Show, warehouse_at

from sightline.dashboards.build import UnknownMember, dashboard_view, etag_of
from sightline.dashboards.selection import parse
from sightline.dashboards.view import DashboardView
from sightline.definitions.policy import NOTHING, SYSTEM_VIEWER, Policy, Viewer
from sightline.errors import NotAllowed
from sightline.metrics import Question, QuestionError, Warehouse, ask

Find = Callable[[DashboardView, str], Any]


def page(shop: Warehouse, *, viewer: Viewer = SYSTEM_VIEWER, **options: Any) -> DashboardView:
    dashboard = shop.catalog.dashboard("shelf")
    parsed = parse({}, dashboard=dashboard, catalog=shop.catalog)
    return dashboard_view(dashboard, parsed.selection, viewer, warehouse=shop, now=NOW, **options)


def test_a_workspace_without_data_says_what_to_import(tmp_path: Path, panel: Find) -> None:
    view = page(warehouse_at(tmp_path, filled=False))
    table = panel(view, "programs")
    assert (table.state, table.message.title) == ("empty", "No data yet")
    assert table.message.link.href == "data/import"
    assert panel(view, "tile_win_rate").figure.reason == "Nothing to divide by in this period"
    assert view.freshness.state == "empty"


def test_filters_that_match_nothing_offer_to_clear_them(show: Show, panel: Find) -> None:
    table = panel(show(school="Nowhere"), "programs")
    assert (table.state, table.message.action) == ("no_match", "Clear filters")
    assert table.message.link.href == "d/shelf"


def test_a_period_without_rows_is_empty_and_not_zero_percent(show: Show, panel: Find) -> None:
    view = show(period="2020-01-01..2020-02-01")
    assert panel(view, "programs").message.title == "Nothing in this period"
    assert panel(view, "tile_win_rate").figure.text == "–"


def test_one_broken_panel_leaves_the_others_whole(shop: Warehouse, panel: Find) -> None:
    def broken(question: Question, viewer: Viewer, **options: Any) -> Any:
        if "cpl" in question.metrics:
            raise RuntimeError("a secret inner detail")
        return ask(question, viewer, **options)

    view = page(shop, ask=broken)
    failed = panel(view, "tile_cpl")
    assert failed.state == "error"
    assert "secret" not in failed.message.text
    assert len(failed.message.reference) == 8
    assert panel(view, "tile_leads").figure.text == "160"


def test_an_error_of_the_question_is_told_in_its_own_words(shop: Warehouse, panel: Find) -> None:
    def wrong(question: Question, viewer: Viewer, **options: Any) -> Any:
        if question.grain == "week":
            raise QuestionError("too many points", hint="Choose a coarser grain.")
        return ask(question, viewer, **options)

    message = panel(page(shop, ask=wrong), "line").message
    assert message.text == "Too many points. Choose a coarser grain."
    assert message.reference == "SL-E020"


@pytest.mark.req("PRG-4.1")
def test_a_panel_that_is_not_for_the_viewer_says_so(shop: Warehouse, panel: Find) -> None:
    def denied(question: Question, viewer: Viewer, **options: Any) -> Any:
        if "spend" in question.metrics:
            raise NotAllowed("your role may not see spend", hint="Ask an administrator.")
        return ask(question, viewer, **options)

    view = page(shop, ask=denied)
    assert panel(view, "scatter").state == "denied"
    assert panel(view, "scatter").message.text == "Your role may not see spend. Ask an administrator."


@pytest.mark.req("PRG-4.1")
def test_a_viewer_without_any_right_sees_no_number_and_no_member(shop: Warehouse) -> None:
    view = page(shop, viewer=Viewer("stranger", NOTHING))
    assert {each.state for each in view.panels} == {"denied"}
    assert all(not chip.options for chip in view.filters.variables)
    assert view.standfirst.text == ""


@pytest.mark.req("PRG-4.1")
def test_a_partner_of_one_school_gets_a_page_of_that_school(shop: Warehouse, panel: Find) -> None:
    rule = "school in $user.school"
    policy = Policy(frozenset({"view"}), rows={"*": rule}, attributes={"school": ("Health",)})
    view = page(shop, viewer=Viewer("partner", policy))
    assert [row.key for row in panel(view, "programs").rows] == ["c"]
    assert panel(view, "tile_leads").figure.text == "10"
    assert [option.label for option in view.filters.variables[0].options] == ["Health"]
    assert "Beta" not in repr(view)
    with pytest.raises(UnknownMember) as hidden:
        one(shop, "a", Viewer("partner", policy))
    with pytest.raises(UnknownMember) as absent:
        one(shop, "x", Viewer("partner", policy))
    assert str(hidden.value).replace('"a"', "") == str(absent.value).replace('"x"', "")


def one(shop: Warehouse, key: str, viewer: Viewer = SYSTEM_VIEWER) -> DashboardView:
    dashboard = shop.catalog.dashboard("program")
    parsed = parse({"program": [key]}, dashboard=dashboard, catalog=shop.catalog)
    return dashboard_view(dashboard, parsed.selection, viewer, warehouse=shop, now=NOW)


def test_the_page_of_one_member_has_its_name(shop: Warehouse) -> None:
    view = one(shop, "a")
    assert (view.title, view.member) == ("Alpha", ("a", "Alpha"))
    assert ("program", "a") in view.filters.hidden


def test_a_table_with_a_limit_says_how_many_rows_exist(shop: Warehouse, panel: Find) -> None:
    table = panel(one(shop, "a"), "sources")
    assert (table.limited, table.shown_rows, table.total_rows) == (True, 1, 3)
    assert table.limited_words == "1 of 3 rows shown; an export has all of them."


@pytest.mark.req("PRG-1.5")
def test_stale_figures_stay_and_say_since_when_they_are_held(tmp_path: Path, panel: Find) -> None:
    view = page(warehouse_at(tmp_path, through=date(2026, 1, 12)))
    tile = panel(view, "tile_leads")
    assert tile.state == "stale"
    assert (tile.figure.state, tile.figure.reason) == ("held", "Held at 12 Jan")
    assert tile.stale == "Leads is held at 12 Jan."
    assert view.freshness.state == "stale"


def test_the_day_of_held_figures_is_the_workspaces_day(tmp_path: Path, panel: Find) -> None:
    # The newest lead came on 12 January at 17:00 UTC: the morning of the 13th in Auckland.
    tile = panel(page(warehouse_at(tmp_path, through=date(2026, 1, 12), zone="Pacific/Auckland")), "tile_leads")
    assert tile.figure.reason == "Held at 13 Jan"
    assert tile.stale == "Leads is held at 13 Jan."


def test_the_tag_of_a_page_changes_with_address_viewer_and_data(shop: Warehouse, tmp_path: Path) -> None:
    dashboard = shop.catalog.dashboard("shelf")

    def tag(warehouse: Warehouse, viewer: Viewer = SYSTEM_VIEWER, hours: int = 0, **query: list[str]) -> str:
        selection = parse(query, dashboard=dashboard, catalog=warehouse.catalog).selection
        return etag_of("d/shelf", selection, viewer, warehouse=warehouse, now=NOW + timedelta(hours=hours))

    base = tag(shop)
    assert base == tag(shop)
    others = [
        tag(shop, school=["Health"]),
        tag(shop, viewer=Viewer("stranger", NOTHING)),
        tag(shop, hours=2),
        tag(warehouse_at(tmp_path, filled=False)),
    ]
    assert base not in others
    assert page(shop).etag == base
