"""Growth and increase are against twelve months before: by month, over any period, and never against nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import pytest
from executive_company import Tables
from sample_company import NOW

from sightline.dashboards.metric_page import metric_view
from sightline.dashboards.metric_tree import metric_tree
from sightline.dashboards.selection import parse
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.question import Question
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("EXE-3", "PLT-3.1")
SIGNALS = {"signal_growth": "arr", "signal_cac": "cac"}


def by_month(tables: Tables, kpi: str) -> dict[date, float | None]:
    """Return the growth of each month on the same month a year before, by plain SQL."""
    connection = duckdb.connect()
    connection.register("v", tables["kpi_values"])
    query = """
    WITH m AS (
      SELECT date_trunc('month', v.at)::DATE AS month, arg_max(v.value, v.at)::DOUBLE AS value
      FROM v WHERE v.kpi = ? GROUP BY 1
    )
    SELECT m.month, m.value / e.value - 1 FROM m LEFT JOIN m e ON e.month = m.month - INTERVAL 12 MONTH
    """
    return dict(connection.execute(query, [kpi]).fetchall())


def asked(board: Warehouse, metric: str, **question: object) -> Answer:
    return ask(Question((metric,), **question), SYSTEM_VIEWER, warehouse=board, now=NOW)  # type: ignore[arg-type] # as given


@pytest.mark.parametrize("signal", SIGNALS)
def test_each_month_is_held_against_the_same_month_a_year_before(board: Warehouse, tables: Tables, signal: str) -> None:
    wanted = by_month(tables, SIGNALS[signal])
    found = asked(board, signal, grain="month", period="last_24_months")
    cells = {month: found.cell(row, signal) for row, month in enumerate(found.data["period"])}
    assert len(cells) == 24
    for month, cell in cells.items():
        if wanted[month] is None:
            assert (cell.value, cell.state) == (None, "no_history")
        else:
            assert cell.value == pytest.approx(wanted[month])
    known = [cell.value for cell in cells.values() if cell.value is not None]
    assert len(known) == 12
    assert 0 not in known
    assert len(set(known)) > 6


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("period", ["last_month", "last_quarter", "last_13_months", "last_6_months"])
def test_the_length_of_the_period_makes_no_difference_to_the_last_months_growth(
    board: Warehouse, tables: Tables, signal: str, period: str
) -> None:
    wanted = by_month(tables, SIGNALS[signal])
    cell = asked(board, signal, period=period).cell(0, signal)
    assert (cell.value, cell.state) == (pytest.approx(wanted[max(wanted)]), "ok")


@pytest.mark.parametrize("view", [metric_view, metric_tree])
def test_the_pages_of_a_metric_that_looks_back_open(board: Warehouse, view: Callable[..., Any]) -> None:
    selection = parse({"period": "last_12_months"}, dashboard=None, catalog=board.catalog).selection
    page = view("signal_growth", selection, SYSTEM_VIEWER, warehouse=board, now=NOW)
    assert page.problems == ()
    panels = [page.panel] if view is metric_tree else [page.tile, page.trend, *page.breakdowns]
    assert {panel.state for panel in panels} <= {"ok", "stale"}
