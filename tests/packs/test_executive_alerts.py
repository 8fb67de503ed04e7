"""The alerts of the executive pack, red, yellow, blue and green, against plain SQL over the sample's own rows."""

# ruff: noqa: S608 - SQL is the point here, and every name in it is written in this file
from __future__ import annotations

from collections import Counter

import duckdb
import pytest
from executive_company import KPIS, Tables
from sample_company import END, NOW

from sightline.dashboards.build import dashboard_view
from sightline.dashboards.selection import parse
from sightline.dashboards.view import TableView
from sightline.definitions.bands import parsed, status_in
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("EXE-2", "EXE-4")
GRAINS = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter"}


def told(board: Warehouse, page: str, title: str) -> TableView:
    dashboard = board.catalog.dashboard(page)
    selection = parse({}, dashboard=dashboard, catalog=board.catalog).selection
    only = dashboard.model_copy(update={"panels": [each for each in dashboard.panels if each.title == title]})
    (found,) = dashboard_view(only, selection, SYSTEM_VIEWER, warehouse=board, now=NOW, problems=(title,)).panels
    assert isinstance(found, TableView)
    return found


@pytest.fixture(scope="module")
def levels(board: Warehouse, tables: Tables) -> dict[str, str | None]:
    """The level of each KPI by the rule of the pack, computed apart from it."""
    connection = duckdb.connect()
    connection.register("arrow", tables["kpi_values"])
    connection.execute("CREATE TABLE v AS SELECT * FROM arrow")
    return {kpi: expected(board, connection, kpi) for kpi in KPIS}


def course(connection: duckdb.DuckDBPyConnection, kpi: str, grain: str, sign: int) -> tuple[float, float, int]:
    """Return value now and a year before, and how many whole buckets running were worse, by plain SQL."""
    now, before = (
        connection.execute(
            f"SELECT arg_max(value, v.at)::DOUBLE FROM v WHERE kpi = ? AND v.at < DATE '{END}' - INTERVAL {back}",
            [kpi],
        ).fetchall()[0][0]
        for back in ("0 year", "1 year")
    )
    (run,) = connection.execute(
        f"""
        WITH bucket AS (
          SELECT date_trunc('{grain}', v.at) AS t, arg_max(value, v.at)::DOUBLE AS value FROM v WHERE kpi = ? GROUP BY 1
        ), step AS (
          SELECT row_number() OVER (ORDER BY t DESC) AS back, {sign} * (value - lag(value) OVER (ORDER BY t)) AS gain
          FROM bucket WHERE t + INTERVAL 1 {grain} <= DATE '{END}'
        )
        SELECT min(back) - 1 FROM step WHERE gain IS NULL OR gain >= 0
        """,
        [kpi],
    ).fetchall()[0]
    return now, before, run


def expected(board: Warehouse, connection: duckdb.DuckDBPyConnection, kpi: str) -> str | None:
    """Return the level by the rule of the pack: three periods worse, on course within a year, 5 % beyond."""
    metric, spec = board.catalog.metric(f"kpi_{kpi}"), KPIS[kpi]
    sign = -1 if spec.is_better_lower else 1
    now, before, run = course(connection, kpi, GRAINS[metric.cadence or ""], sign)
    level = status_in(parsed(metric.bands), now)
    gained, missing = sign * (now - before), sign * (spec.target - now)
    if level == "good" and run >= 3:
        return "warning"
    if level == "critical" and 0 < missing <= gained:
        return "warning"
    if level == "good" and spec.target and -missing / abs(spec.target) >= 0.05 and gained >= 0:
        return "excellent"
    return level


def test_every_kpi_has_the_level_that_its_value_its_target_and_its_course_give_it(
    board: Warehouse, levels: dict[str, str | None]
) -> None:
    shown = told(board, "my_kpis", "Alerts")
    found = {row.key.removeprefix("kpi_"): group.status for group in shown.groups for row in group.rows}
    assert found == levels
    assert [group.label for group in shown.groups] == ["Critical", "Warning", "Opportunity", "On target"]


def test_who_slips_and_who_is_beyond_the_target_is_said_with_the_reason(
    board: Warehouse, levels: dict[str, str | None]
) -> None:
    shown = told(board, "executive", "Alerts")
    at = [column.key for column in shown.columns].index("status")
    reasons = {row.key: row.cells[at].reason for row in shown.rows}
    assert reasons["kpi_course_nps"] == "on track (at least 67.5), but worse for 3 months running"
    assert reasons["kpi_api_response"] == "10% better than target 200 ms, and no worse than before"
    assert "kpi_csat" not in reasons, "on target: counted in the line below the title, not listed"
    counts = Counter(levels.values())
    said = (counts["critical"], counts["warning"], counts["excellent"], counts["good"])
    assert shown.subtitle == "{} critical, {} warnings, {} opportunity, {} on target".format(*said)


def test_the_page_of_an_owner_gathers_the_own_kpis_by_level(board: Warehouse) -> None:
    shown = told(board, "owner_cto", "My KPIs")
    assert {board.catalog.metric(row.key).owner for row in shown.rows} == {"CTO"}
    assert [group.label for group in shown.groups] == ["Warning", "Opportunity", "On target"]
