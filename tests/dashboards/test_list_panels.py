"""Lists: rows as the viewer may see them, words of a status judged, days that have passed as warnings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tiny_shop import Show

from panel_club import viewer
from sightline.dashboards.view import DashboardView, PanelView, TableView
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("EXE-3", "EXE-6", "PLT-4")
Find = Callable[[DashboardView, str], PanelView]


def table(view: PanelView) -> TableView:
    assert isinstance(view, TableView), view
    return view


def column(view: PanelView, key: str) -> list[str]:
    place = [each.key for each in table(view).columns].index(key)
    return [row.cells[place].text for row in table(view).rows]


def test_rows_come_as_sorted_with_the_missing_last(board: Show, panel: Find) -> None:
    shown = panel(board(), "list_risks")
    assert column(shown, "title") == ["Roof leaks", "Hall is closed", "Coach leaves", "No heating"]
    assert column(shown, "due") == ["24 Dec 2025", "20 Jan, overdue", "1 Feb", "–"]
    again = panel(board(**{"sort.list_risks": "-title"}), "list_risks")
    assert column(again, "title") == ["Roof leaks", "No heating", "Hall is closed", "Coach leaves"]


def test_what_is_done_is_never_overdue(board: Show, panel: Find) -> None:
    rows = {row.cells[0].text: row for row in table(panel(board(), "list_risks")).rows}
    assert rows["Hall is closed"].cells[4].status == "overdue"
    assert rows["Roof leaks"].cells[4].status == ""
    assert panel(board(), "list_risks").subtitle == "4 rows, 1 overdue"


def test_words_of_a_status_are_judged(board: Show, panel: Find) -> None:
    rows = {row.cells[0].text: row for row in table(panel(board(), "list_risks")).rows}
    assert [rows[name].cells[1].status for name in rows] == ["good", "none", "none", "none"]
    assert {row.cells[2].text: row.cells[2].status for row in rows.values()} == {
        "Low": "none",
        "High": "critical",
        "Medium": "warning",
    }


def test_the_name_of_a_metric_is_its_label_and_leads_to_its_page(board: Show, panel: Find) -> None:
    rows = {row.cells[0].text: row.cells[5] for row in table(panel(board(), "list_risks")).rows}
    assert [rows[name].text for name in rows] == ["–", "Visits", "Visits per visitor", "forgotten"]
    assert rows["Hall is closed"].link.page == "metrics/visits"
    assert not rows["No heating"].link


def test_row_policy_and_masks_hold(board: Show, panel: Find, club: Warehouse) -> None:
    ads = panel(board(viewer=viewer(club, "ads")), "list_risks")
    assert sorted(column(ads, "title")) == ["Hall is closed", "Roof leaks"]
    masked = panel(board(viewer=viewer(club, "masked")), "list_risks")
    assert "Ann Lee" in column(panel(board(), "list_risks"), "holder")
    assert not {"Ann Lee", "Bo Ek", "Cy Fox", "Di Orr"} & set(column(masked, "holder"))


def test_who_may_see_no_rows_is_told_whom_to_ask(board: Show, panel: Find, club: Warehouse) -> None:
    shown = panel(board(viewer=viewer(club, "no_rows")), "list_risks")
    assert shown.state == "denied"
    assert shown.message is not None
    assert "administrator" in shown.message.text


def test_conditions_limit_and_filters_hold_and_a_filter_that_cannot_is_named(board: Show, panel: Find) -> None:
    assert column(panel(board(channel="mail"), "list_risks"), "title") == ["Coach leaves", "No heating"]
    short = table(panel(board("detail"), "list_risks"))
    assert (short.total_rows, short.shown_rows, short.limited) == (2, 1, True)
    told = panel(board(mood="happy"), "list_risks")
    assert told.notes == ("Not narrowed by mood: it is not part of this list.",)
    assert len(table(told).rows) == 4


def test_a_filter_that_matches_nothing_offers_to_clear_it(board: Show, panel: Find) -> None:
    shown = panel(board(channel="friends"), "list_risks")
    assert shown.state == "no_match"
    assert shown.message is not None
    assert shown.message.action == "Clear filters"
