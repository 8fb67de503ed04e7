"""Drivers: opening and movements make the closing level, and where they do not, the difference is said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from tiny_shop import Show

from panel_club import TODAY, fees
from sightline.dashboards.view import ChartView, DashboardView, PanelView

pytestmark = pytest.mark.req("SAA-1", "SAA-8", "PLT-4")
Find = Callable[[DashboardView, str], PanelView]
START, END = TODAY - timedelta(days=90), TODAY


def oracle() -> dict[str, float]:
    """The movements of the last 90 days, person by person."""
    before: dict[str, float] = defaultdict(float)
    after: dict[str, float] = defaultdict(float)
    for row in fees(TODAY):
        day, amount = row["day"], row["amount"]
        assert isinstance(day, date)
        assert isinstance(amount, float)
        before[str(row["person"])] += amount if day < START else 0.0
        after[str(row["person"])] += amount if day < END else 0.0
    found: dict[str, float] = defaultdict(float)
    for person, closing in after.items():
        opening = before[person]
        found["opening"] += opening
        found["closing"] += closing
        kind = (
            "new"
            if not opening and closing
            else "churned"
            if opening and not closing
            else "expansion"
            if closing > opening
            else "contraction"
        )
        found[kind] += closing - opening
    return found


def drivers(view: PanelView) -> ChartView:
    assert isinstance(view, ChartView)
    return view


def test_the_steps_are_the_lives_of_the_people(board: Show, panel: Find) -> None:
    shown, expected = drivers(panel(board(), "waterfall")), oracle()
    amounts = {row.key: row.cells[1].sort for row in shown.table.rows}
    assert amounts == {kind: pytest.approx(expected[kind]) for kind in amounts}
    assert set(amounts) == {"opening", "new", "expansion", "contraction", "churned", "closing"}
    assert expected["churned"] < 0 < expected["expansion"]


def test_it_foots_and_says_so(board: Show, panel: Find) -> None:
    shown, expected = drivers(panel(board(), "waterfall")), oracle()
    assert (shown.wrong, shown.good) == ("", "Opening and movements add up to closing")
    steps = shown.spec["datasets"]["steps"]
    assert steps[-2]["end"] == steps[-1]["end"] == pytest.approx(expected["closing"])
    assert [step["words"][0] for step in steps[1:-1]] == ["+", "+", "−", "−"]
    moved = round(expected["closing"] - expected["opening"])
    assert shown.finding == f"Closing fees €{round(expected['closing']):,}, up €{moved:,}"


def test_a_forgotten_movement_is_named_with_what_is_missing(board: Show, panel: Find) -> None:
    shown, expected = drivers(panel(board("detail"), "waterfall")), oracle()
    gap = round(expected["expansion"] + expected["contraction"])
    assert shown.good == ""
    assert shown.wrong == f"Does not add up: closing differs from opening and movements by +€{gap}"


def test_a_period_without_data_has_a_message_and_no_drawing(board: Show, panel: Find) -> None:
    shown = panel(board(period="2019-01-01..2019-02-01"), "donut")
    assert (shown.kind, shown.state) == ("message", "empty")
