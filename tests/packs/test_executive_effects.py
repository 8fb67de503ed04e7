"""Does the KPI move after the action? Each done action against plain SQL over the sample's own rows."""

# ruff: noqa: S608 - SQL is the point here, and every name in it is written in this file
from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest
from executive_company import KPIS, Tables, viewer
from sample_company import END, NOW

from sightline.dashboards.build import dashboard_view
from sightline.dashboards.export import export_panel
from sightline.dashboards.selection import parse
from sightline.dashboards.view import Cell, TableView
from sightline.definitions.policy import SYSTEM_VIEWER, Viewer
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("EXE-6")
PAGE, TITLE = "risks_and_actions", "Does the KPI move after the action?"
GRAINS = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter"}
LAST_DAY_OF_A_WINDOW = NOW.replace(month=3, day=31)


def told(board: Warehouse, page: str, title: str, who: Viewer = SYSTEM_VIEWER, now: Any = NOW) -> dict[str, Cell]:
    dashboard = board.catalog.dashboard(page)
    only = dashboard.model_copy(update={"panels": [each for each in dashboard.panels if each.title == title]})
    selection = parse({}, dashboard=dashboard, catalog=board.catalog).selection
    (found,) = dashboard_view(only, selection, who, warehouse=board, now=now, problems=(title,)).panels
    assert isinstance(found, TableView)
    assert found.columns[-1].key == "effect"
    return {row.cells[0].text: row.cells[-1] for row in found.rows}


def moved(tables: Tables, action: dict[str, Any], grain: str) -> tuple[float | None, float | None, date]:
    """Return the last value of three whole periods before the start, of three after the end, and when they are over."""
    connection = duckdb.connect()
    connection.register("v", tables["kpi_values"])
    began, ended = (f"date_trunc('{grain}', DATE '{action[name]}')" for name in ("started_on", "done_on"))
    query = f"""
    SELECT
      arg_max(value, v.at) FILTER (v.at < {began} AND v.at >= {began} - INTERVAL 3 {grain})::DOUBLE,
      arg_max(value, v.at) FILTER (
        v.at >= {ended} + INTERVAL 1 {grain} AND v.at < {ended} + INTERVAL 4 {grain}
      )::DOUBLE,
      ({ended} + INTERVAL 4 {grain})::DATE
    FROM v WHERE kpi = ?
    """
    (row,) = connection.execute(query, [action["kpi"]]).fetchall()
    return row


def test_each_done_action_says_whether_its_kpi_moved_as_plain_sql_has_it(board: Warehouse, tables: Tables) -> None:
    found = told(board, PAGE, TITLE)
    done = [row for row in tables["actions"].to_pylist() if row["status"] == "done"]
    assert set(found) == {row["title"] for row in done}
    statuses = set()
    for action in done:
        cell, kpi = found[action["title"]], action["kpi"]
        metric = board.catalog.metric(f"kpi_{kpi}")
        before, after, over = moved(tables, action, GRAINS[metric.cadence or ""])
        statuses.add(cell.status)
        if over > END:
            assert (cell.text, cell.status) == ("Too early", "early")
            continue
        assert before is not None
        assert after is not None
        change = after - before if metric.unit == "percent" else (after - before) / before
        is_better = change * (-1 if KPIS[kpi].is_better_lower else 1) > 0
        assert cell.status == ("good" if is_better else "warning")
        sign, size = ("+" if change > 0 else "−"), float(cell.text.split()[-1 if "%" in cell.text else 1].strip("+−%"))
        assert cell.text.startswith(f"{'Better' if is_better else 'Worse'}, {sign}")
        assert size == pytest.approx(abs(change) * 100, abs=0.06)
    assert statuses == {"early", "good"}


def test_an_action_that_is_not_done_is_too_early_to_tell(board: Warehouse) -> None:
    found = told(board, "owner_cto", "My actions")
    assert {(cell.text, cell.reason) for cell in found.values()} == {("Too early", "not done")}
    begun = told(board, "owner_ceo", "My actions")["Research report of the year"]
    assert (begun.text, begun.reason) == ("Too early", "not begun")


def test_a_head_sees_the_effect_of_the_own_actions_only(board: Warehouse) -> None:
    assert set(told(board, PAGE, TITLE, viewer(board, "department_head", owner=["CFO"]))) == {"Renegotiate hosting"}


def test_on_the_last_day_of_a_window_it_is_too_early_and_on_the_day_after_it_is_known(board: Warehouse) -> None:
    before = told(board, PAGE, TITLE, now=LAST_DAY_OF_A_WINDOW)["Sales training"]
    assert (before.text, before.reason) == ("Too early", "until 31 Mar")
    assert told(board, PAGE, TITLE)["Sales training"].status == "good"


def test_the_file_of_the_list_has_the_effect(board: Warehouse) -> None:
    dashboard = board.catalog.dashboard("owner_cro")
    selection = parse({}, dashboard=dashboard, catalog=board.catalog).selection
    made = export_panel(dashboard, "list_actions", selection, SYSTEM_VIEWER, warehouse=board, now=NOW, form="csv")
    text = made.body.decode("utf-8-sig")
    assert "Effect" in text
    assert "Better, +2.5 pp, 32.5% to 35.0%" in text
