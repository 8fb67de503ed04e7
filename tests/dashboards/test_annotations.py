"""Events on line charts: those of the period, under the filters, as far as the viewer may see rows; in the twin too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tiny_shop import Show

from panel_club import viewer
from sightline.dashboards.view import ChartView, DashboardView, PanelView
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("SAA-8", "PLT-4")
Find = Callable[[DashboardView, str], PanelView]


def marked(view: PanelView) -> list[tuple[str, str]]:
    """Return day and text of the marks in the drawing."""
    assert isinstance(view, ChartView)
    layers = [layer for layer in view.spec["layer"] if "data" in layer and "values" in layer["data"]]
    rows = [row for layer in layers for row in layer["data"]["values"] if "level" in row]
    return [(row["at"][:10], row["text"]) for row in rows]


def told(view: PanelView) -> dict[str, str]:
    """Return the events of each bucket in the twin."""
    assert isinstance(view, ChartView)
    last = view.table.columns[-1]
    return (
        {row.key: row.cells[-1].text for row in view.table.rows if row.cells[-1].text != "–"}
        if last.key == "events"
        else {}
    )


def test_events_of_the_period_are_drawn_and_told(board: Show, panel: Find) -> None:
    shown = panel(board(), "line")
    assert marked(shown) == [("2025-11-24", "New hall"), ("2026-01-03", "Price change")]
    assert told(shown) == {"Week of 24 Nov 2025": "New hall", "Week of 29 Dec 2025": "Price change"}
    assert isinstance(shown, ChartView)
    assert shown.sentence.endswith("Events: New hall on 24 Nov 2025; Price change on 3 Jan.")


def test_a_filter_and_a_period_narrow_them(board: Show, panel: Find) -> None:
    assert marked(panel(board(channel="ads"), "line")) == [("2025-11-24", "New hall")]
    assert marked(panel(board(period="last_30_days"), "line")) == [("2026-01-03", "Price change")]


def test_a_panel_may_go_without(board: Show, panel: Find) -> None:
    shown = panel(board("detail"), "line")
    assert marked(shown) == []
    assert isinstance(shown, ChartView)
    assert [column.key for column in shown.table.columns] == ["period", "s0"]


def test_nobody_learns_of_rows_they_may_not_see(board: Show, panel: Find, club: Warehouse) -> None:
    assert marked(panel(board(viewer=viewer(club, "ads")), "line")) == [("2025-11-24", "New hall")]
    without = panel(board(viewer=viewer(club, "no_rows")), "line")
    assert (without.state, marked(without), told(without)) == ("ok", [], {})
