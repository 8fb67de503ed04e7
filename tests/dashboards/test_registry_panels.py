"""The registry: value, change, target, gap, status and why, owner, cadence, the last value and the next due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from tiny_shop import Show

from panel_club import NOW, TODAY, rows_of
from sightline.dashboards.build import dashboard_view
from sightline.dashboards.selection import parse
from sightline.dashboards.view import DashboardView, MessageView, PanelView, Row, TableView
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.definitions.schema.dashboard import RegistryPanel
from sightline.engines.base import QueryTooLong, ValueRefused
from sightline.errors import UserError
from sightline.metrics.cache import AnswerCache
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("EXE-2", "EXE-4", "SAA-8", "PLT-4")
Find = Callable[[DashboardView, str], PanelView]


def rows(view: PanelView) -> dict[str, Row]:
    assert isinstance(view, TableView)
    return {row.key: row for row in view.rows}


def words(view: PanelView, name: str) -> dict[str, str]:
    assert isinstance(view, TableView)
    return {column.key: cell.text for column, cell in zip(view.columns, rows(view)[name].cells, strict=True)}


def shown_with(club: Warehouse, **panel: object) -> PanelView:
    """Return the registry of a dashboard that has only this one."""
    made = RegistryPanel.model_validate({"registry": {"group": ["Team", "Visits"]}, **panel})
    dashboard = club.catalog.dashboard("board").model_copy(update={"panels": [made]})
    selection = parse({}, dashboard=dashboard, catalog=club.catalog).selection
    return dashboard_view(dashboard, selection, SYSTEM_VIEWER, warehouse=club, now=NOW, problems=(str(panel),)).panels[
        0
    ]


def test_change_and_gap_are_two_things(board: Show, panel: Find) -> None:
    said = words(panel(board(), "registry"), "turnover")
    values = [float(str(row["value"])) for row in rows_of(TODAY)["entries"] if row["kpi"] == "turnover"]
    newest = values[-1]  # of 1 November, the only one in the 90 days up to 22 January
    assert said["value"] == f"{100 * newest:.1f}%"
    assert said["target"] == "5%"
    assert said["gap"] == f"+{100 * (newest - 0.05):.1f} pp"
    cell = rows(panel(board(), "registry"))["turnover"].cells[2]
    assert cell.delta is not None
    assert (cell.delta.arrow, cell.delta.tone) == ("up", "bad")


def test_a_status_says_why_by_its_band_or_its_target(board: Show, panel: Find) -> None:
    shown = rows(panel(board(), "registry"))
    statuses = {name: (row.cells[6].status, row.cells[6].text, row.cells[6].reason) for name, row in shown.items()}
    assert statuses["per_person"] == ("good", "On track", "at least 3")
    assert statuses["turnover"] == ("warning", "Watch", "5% to 10%")
    assert statuses["closing"] == ("critical", "Off track", "target €2,500")
    assert statuses["visits"][:2] == ("good", "Met")
    assert statuses["visitors"] == ("none", "No target", "")


def test_a_value_is_overdue_by_its_own_rows_and_not_by_those_of_another_measure(board: Show, panel: Find) -> None:
    """Both come from one dataset, whose newest row is of December: turnover's own last one is of November."""
    shown = panel(board(), "registry")
    assert words(shown, "turnover")["last"] == "Nov 2025"
    assert words(shown, "turnover")["due"] == "Overdue by 23 days"
    assert rows(shown)["turnover"].cells[-1].reason == "due by 31 Dec 2025"
    assert words(shown, "training")["last"] == "1 Dec 2025"
    assert words(shown, "training")["due"] == "31 Mar"
    assert words(shown, "visitors")["due"] == "–"


def test_only_overdue_or_off_track_or_of_an_owner(club: Warehouse) -> None:
    overdue = rows(shown_with(club, only="overdue"))
    assert "turnover" in overdue
    assert all(row.cells[-1].status == "overdue" for row in overdue.values())
    assert set(rows(shown_with(club, only="off_track"))) == {"turnover"}
    assert set(rows(shown_with(club, owner="trainer"))) == {"turnover", "training", "per_person"}


def test_nothing_overdue_is_a_sentence_and_not_an_empty_table(club: Warehouse) -> None:
    found = shown_with(club, registry=["visitors"], only="overdue")
    assert isinstance(found, MessageView)
    assert found.message is not None
    assert found.message.title == "Nothing is overdue"


def test_rows_are_gathered_under_their_groups_and_sorted_as_chosen(board: Show, panel: Find) -> None:
    shown = panel(board(), "registry")
    assert isinstance(shown, TableView)
    assert [group.label for group in shown.groups] == ["Visits", "Mood", "Team", "Money"]
    by_status = panel(board(**{"sort.registry": "status"}), "registry")
    assert isinstance(by_status, TableView)
    assert [row.key for row in by_status.rows][:2] == ["closing", "turnover"]
    status = next(column for column in by_status.columns if column.key == "status")
    assert status.sorted == "ascending"
    assert ("sort.registry", "-status") in status.sort_link.query


def test_a_filter_that_one_measure_cannot_take_fails_its_row_alone(board: Show, panel: Find) -> None:
    shown = panel(board(channel="ads"), "registry")
    assert shown.state == "ok"
    assert words(shown, "turnover")["value"] == "–"
    assert "channel" in rows(shown)["turnover"].cells[6].reason
    assert words(shown, "visits")["value"] != "–"


@pytest.mark.parametrize(("fault", "passes"), [(QueryTooLong("stopped"), True), (ValueRefused("no such value"), False)])
def test_a_row_that_a_passing_fault_took_is_asked_again(
    club: Warehouse, fault: UserError, passes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, run = replace(club, cache=AnswerCache()), club.engine.run

    def page() -> DashboardView:
        dashboard = fresh.catalog.dashboard("board")
        selection = parse({}, dashboard=dashboard, catalog=fresh.catalog).selection
        return dashboard_view(dashboard, selection, SYSTEM_VIEWER, warehouse=fresh, now=NOW)

    def tired(sql: str, parameters: Mapping[str, Any]) -> pa.Table:
        if "turnover" in sql:
            raise fault
        return run(sql, parameters)

    def shown(view: DashboardView) -> str:
        return words(next(each for each in view.panels if each.id == "registry"), "turnover")["value"]

    with monkeypatch.context() as patch:
        patch.setattr(fresh.engine, "run", tired)
        failed = page()
        assert (shown(failed), failed.is_settled) == ("–", not passes)
    assert (shown(page()) != "–") is passes
    assert page().is_settled


def test_how_many_are_on_track_is_said_first(board: Show, panel: Find) -> None:
    assert panel(board(), "registry").subtitle.startswith("3 of 5 on track, ")


def test_only_the_columns_asked_for_are_shown_and_exported(club: Warehouse) -> None:
    whole = shown_with(club)
    shown = shown_with(club, columns=["value", "status", "owner"])
    assert isinstance(whole, TableView)
    assert isinstance(shown, TableView)
    assert [column.key for column in shown.columns] == ["label", "value", "status", "owner"]
    assert [row.key for row in shown.rows] == [row.key for row in whole.rows]
    for name in rows(shown):
        assert words(shown, name) == {key: words(whole, name)[key] for key in ("label", "value", "status", "owner")}
