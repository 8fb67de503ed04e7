"""The pages of the executive pack: what they show, whether it can be answered, and that all of it is documented."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from executive_company import Tables
from sample_company import END, NOW

from sightline.dashboards.build import dashboard_view
from sightline.dashboards.panel_views import TileView
from sightline.dashboards.panels.registry import KINDS
from sightline.dashboards.selection import parse
from sightline.dashboards.view import PanelView, TableView
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.definitions.schema.dashboard import Dashboard, panel_kind
from sightline.metrics.forecast import Forecast, forecast, usual_grain
from sightline.metrics.question import Question
from sightline.metrics.warehouse import Warehouse

AREAS = ("financial", "customers", "operations", "education", "market")
OWNERS = ("ceo", "cfo", "cro", "cmo", "cto", "chro")
SIGNALS = ("churn", "cac", "growth", "satisfaction", "turnover")
PAGES = (
    *("executive", "risks_and_actions", "my_kpis"),
    *(f"executive_{area}" for area in AREAS),
    *(f"owner_{owner}" for owner in OWNERS),
)


Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def rows(tables: Tables) -> Rows:
    return {name: table.to_pylist() for name, table in tables.items()}


def _kinds(dashboard: Dashboard) -> list[str | None]:
    return [panel_kind(panel) for panel in dashboard.panels]


def test_the_pages_are_these(board: Warehouse) -> None:
    assert set(board.catalog.dashboards) == set(PAGES)
    assert board.catalog.packs[0].home == "executive"


@pytest.mark.req("EXE-1", "EXE-2", "EXE-3", "EXE-6")
@pytest.mark.parametrize("page", PAGES)
def test_every_panel_that_pages_draw_shows_figures(board: Warehouse, page: str) -> None:
    dashboard = board.catalog.dashboard(page)
    parsed = parse({}, dashboard=dashboard, catalog=board.catalog)
    assert parsed.problems == ()
    view = dashboard_view(dashboard, parsed.selection, SYSTEM_VIEWER, warehouse=board, now=NOW)
    drawn = [
        panel for panel, kind in zip(view.panels, _kinds(dashboard), strict=True) if kind in KINDS and kind != "links"
    ]
    assert [
        (panel.title, panel.state, panel.message)
        for panel in drawn
        if panel.state != "ok" and not panel.title.startswith("My ")  # who has no risk sees an empty list
    ] == []


@pytest.mark.req("EXE-1", "EXE-3")
def test_the_overview_has_health_headlines_warnings_and_what_is_off_track_before_anything_that_is_well(
    board: Warehouse, rows: Rows
) -> None:
    panels = _tables(board, "executive")
    assert {"Overall health", "Revenue growth", "Market share", "Customer satisfaction"} <= set(panels)
    assert _keys(panels["Early warnings"]) == {f"signal_{each}" for each in SIGNALS}
    attention = panels["Alerts"]
    assert isinstance(attention, TableView)
    at = {column.key: index for index, column in enumerate(attention.columns)}
    statuses = [row.cells[at["status"]].status for row in attention.rows]
    assert list(dict.fromkeys(statuses)) == ["critical", "warning", "excellent"]
    assert [group.label for group in attention.groups] == ["Critical", "Warning", "Opportunity"]
    last = {row["kpi"]: row["value"] for row in sorted(rows["kpi_values"], key=lambda row: row["at"])}
    off = {"market_share", "new_markets", "bug_resolution"}
    assert {f"kpi_{key}" for key in off} <= _keys(attention)
    assert (float(last["market_share"]), float(last["new_markets"])) == (0.023, 2)
    assert "kpi_security_incidents" not in _keys(attention)


@pytest.mark.req("EXE-1")
def test_the_headlines_say_how_they_stand(board: Warehouse) -> None:
    panels = _tables(board, "executive")
    told = {}
    for title in ("Revenue growth", "Market share", "Customer satisfaction"):
        tile = panels[title]
        assert isinstance(tile, TileView)
        told[title] = tile.standing.words if tile.standing else ""
    assert told == {"Revenue growth": "On track", "Market share": "Watch", "Customer satisfaction": "On track"}


def _tables(board: Warehouse, page: str) -> dict[str, PanelView]:
    dashboard = board.catalog.dashboard(page)
    selection = parse({}, dashboard=dashboard, catalog=board.catalog).selection
    view = dashboard_view(dashboard, selection, SYSTEM_VIEWER, warehouse=board, now=NOW)
    return {panel.title: panel for panel in view.panels}


def _keys(panel: PanelView) -> set[str]:
    return {row.key for row in panel.rows} if isinstance(panel, TableView) else set()


def _names(panel: PanelView) -> list[str]:
    return [row.cells[0].text for row in panel.rows] if isinstance(panel, TableView) else []


def _late(rows: Rows) -> set[str]:
    """Return the KPIs whose last value, by the rows, is of a span before the last one that is over."""
    spans = {"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 90}
    last = {row["kpi"]: row["at"] for row in sorted(rows["kpi_values"], key=lambda row: row["at"])}
    return {row["kpi"] for row in rows["kpis"] if (END - last[row["kpi"]]).days > spans[row["cadence"]]}


@pytest.mark.req("EXE-4", "EXE-6")
@pytest.mark.parametrize("owner", OWNERS)
def test_an_owner_reads_the_own_kpis_overdue_entries_actions_and_risks_and_nobody_elses(
    board: Warehouse, rows: Rows, owner: str
) -> None:
    panels, who = _tables(board, f"owner_{owner}"), owner.upper()
    own = {row["kpi"] for row in rows["kpis"] if row["owner"] == who}
    assert _keys(panels["My KPIs"]) == {f"kpi_{key}" for key in own}
    assert _keys(panels["My overdue entries"]) == {f"kpi_{key}" for key in own & _late(rows)}
    for title, dataset in (("My actions", "actions"), ("My risks", "risks")):
        assert sorted(_names(panels[title])) == sorted(row["title"] for row in rows[dataset] if row["owner"] == who)


@pytest.mark.req("EXE-4")
def test_overdue_entries_are_flagged_with_their_owner_and_no_other_is(board: Warehouse, rows: Rows) -> None:
    panel = _tables(board, "my_kpis")["Overdue entries"]
    assert isinstance(panel, TableView)
    owners = {row["kpi"]: row["owner"] for row in rows["kpis"]}
    assert _late(rows) == {"brand_awareness", "training_completion"}
    at = {column.key: index for index, column in enumerate(panel.columns)}
    assert {row.key: row.cells[at["owner"]].text for row in panel.rows} == {
        f"kpi_{key}": owners[key] for key in _late(rows)
    }
    assert {row.cells[at["due"]].status for row in panel.rows} == {"overdue"}


@pytest.mark.req("EXE-6")
def test_actions_stand_by_horizon_soonest_first_with_kpi_owner_and_progress(board: Warehouse, rows: Rows) -> None:
    panels = _tables(board, "risks_and_actions")
    names = {row["kpi"]: row["name"] for row in rows["kpis"]}
    open_ = [row for row in rows["actions"] if row["status"] != "done"]
    for horizon in ("30 days", "90 days", "12 months"):
        panel = panels[f"Next {horizon}"]
        assert isinstance(panel, TableView)
        due = sorted((row for row in open_ if row["horizon"] == horizon), key=lambda row: row["due_on"])
        assert _names(panel) == [row["title"] for row in due]
        at = {column.label: index for index, column in enumerate(panel.columns)}
        for shown, row in zip(panel.rows, due, strict=True):
            assert shown.cells[at["KPI"]].text == names[row["kpi"]]
            assert shown.cells[at["Owner"]].text == row["owner"]
            assert shown.cells[at["Progress"]].raw == float(row["progress"])


@pytest.mark.req("EXE-3")
def test_the_register_shows_level_trend_mitigation_owner_and_review_of_every_risk(board: Warehouse, rows: Rows) -> None:
    panel = _tables(board, "risks_and_actions")["Risk register"]
    assert isinstance(panel, TableView)
    shown = {row.cells[0].text: " ".join(cell.text for cell in row.cells).lower() for row in panel.rows}
    assert set(shown) == {row["title"] for row in rows["risks"]}
    for row in rows["risks"]:
        for key in ("level", "trend", "mitigation", "owner"):
            assert row[key].lower() in shown[row["title"]], key


def test_the_documentation_names_every_dataset_metric_page_role_and_tie_out(board: Warehouse, repository: Path) -> None:
    text = (repository / "docs" / "packs" / "executive.md").read_text()
    catalog = board.catalog
    for names in (catalog.datasets, catalog.metrics, catalog.dashboards, catalog.roles, catalog.tieouts):
        assert [name for name in names if f"`{name}`" not in text] == []
    assert [name for name, metric in catalog.metrics.items() if metric.description not in text] == []


@pytest.mark.req("EXE-2")
def test_the_registry_says_what_comes_next_or_why_that_is_not_known(board: Warehouse) -> None:
    panel = _tables(board, "executive")["All KPIs"]
    assert isinstance(panel, TableView)
    place = [column.key for column in panel.columns].index("forecast")
    cells = {row.key: row.cells[place] for row in panel.rows}
    assert len(cells) == 49
    for name, cell in cells.items():
        if cell.raw is None:  # a quarterly KPI has eight values
            assert board.catalog.metric(name).cadence == "quarterly", name
            assert cell.reason.startswith("A forecast needs 12 whole quarters, and there are ")
    known = {name for name, cell in cells.items() if cell.raw is not None}
    assert len(known) == 38
    assert "target" not in cells["kpi_arr"].reason  # €2.5M is far above what a month may bring
    within = {name for name, cell in cells.items() if cell.reason.endswith(", target inside")}
    assert within == {"kpi_security_incidents", "kpi_course_nps"}  # 0 of at most 0, and a course that just jumped


@pytest.mark.req("EXE-2")
def test_intervals_learned_three_buckets_ago_hold_what_came_since(board: Warehouse) -> None:
    inner: list[bool] = []
    outer: list[bool] = []
    for name, metric in board.catalog.metrics.items():
        if not name.startswith("kpi_") or metric.cadence == "quarterly":
            continue
        grain = usual_grain(metric)
        (whole,) = _forecast(board, Question((name,), grain=grain)).series
        known = dict(zip(whole.buckets, whole.values, strict=True))
        until = f"{whole.buckets[0]}..{whole.buckets[-3]}"
        (series,) = _forecast(board, Question((name,), grain=grain, period=until)).series
        inner += [step.low80 <= known[step.period] <= step.high80 for step in series.steps]
        outer += [step.low95 <= known[step.period] <= step.high95 for step in series.steps]
    assert len(inner) == 38 * 3
    assert 0.75 <= fmean(inner) <= 0.95
    assert fmean(outer) >= 0.92


def _forecast(board: Warehouse, question: Question) -> Forecast:
    return forecast(question, SYSTEM_VIEWER, warehouse=board, now=NOW, periods=3)
