"""A forecast on a page: the fan after the last close, its words, its rows in table and file, and in the registry."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from panel_club import NOW, TODAY, rows_of
from sightline.charts.files import draw
from sightline.dashboards import dates
from sightline.dashboards.build import dashboard_view
from sightline.dashboards.export import Form, export_panel
from sightline.dashboards.forecast_words import MODELS
from sightline.dashboards.metric_page import metric_view
from sightline.dashboards.page_files import export_metric_panel
from sightline.dashboards.selection import parse
from sightline.dashboards.view import ChartView, PanelView, TableView
from sightline.definitions.policy import SYSTEM_VIEWER, Viewer
from sightline.definitions.schema.dashboard import AnyPanel, Dashboard, LineChart, RegistryPanel
from sightline.metrics.forecast import USUAL_PERIODS
from sightline.metrics.warehouse import Warehouse
from sightline.stats.forecast import Projection, forecast

pytestmark = pytest.mark.req("SAA-1", "EXE-2", "PLT-4")
WEEK = timedelta(days=7)


def board_with(club: Warehouse, panel: AnyPanel) -> Dashboard:
    return club.catalog.dashboard("board").model_copy(update={"panels": [panel]})


def shown(club: Warehouse, panel: AnyPanel, **query: str) -> PanelView:
    dashboard = board_with(club, panel)
    selection = parse({key: [text] for key, text in query.items()}, dashboard=dashboard, catalog=club.catalog).selection
    marker = (repr(panel),)  # pages are kept by their name; these all have the same
    return dashboard_view(dashboard, selection, SYSTEM_VIEWER, warehouse=club, now=NOW, problems=marker).panels[0]


def line(forecast: int | None = 4, **words: object) -> LineChart:
    asked = {"chart": "line", "metrics": ["visits"], "grain": "week", "annotations": [], "forecast": forecast, **words}
    return LineChart.model_validate(asked)


def chart(club: Warehouse, panel: LineChart, **query: str) -> ChartView:
    made = shown(club, panel, **query)
    assert isinstance(made, ChartView)
    return made


def days() -> list[date]:
    return [row["day"] for row in rows_of(TODAY)["visits"] if isinstance(row["day"], date)]


def weekly() -> tuple[list[date], list[float]]:
    """Return the Mondays and the visits of each week that the rows reach the end of, counted from the rows."""
    counted = Counter(day - timedelta(days=day.weekday()) for day in days())
    known = max(days()) + timedelta(days=1)
    weeks = (known - min(counted)).days // 7
    mondays = [min(counted) + WEEK * at for at in range(weeks)]
    return mondays, [float(counted[monday]) for monday in mondays]


def named(monday: date) -> str:
    return dates.bucket(monday, "week", today=TODAY)


def expected() -> Projection:
    made = forecast(weekly()[1], periods=4, lower=0)
    assert isinstance(made, Projection)
    return made


def test_the_table_says_what_the_fan_draws(club: Warehouse) -> None:
    made = chart(club, line())
    assert [column.key for column in made.table.columns] == [
        "period",
        "value",
        "low80",
        "high80",
        "low95",
        "high95",
        "kind",
    ]
    ahead = [row for row in made.table.rows if row.cells[-1].text == "Forecast"]
    assert [row.cells[0].text for row in ahead] == [named(weekly()[0][-1] + WEEK * at) for at in range(1, 5)]
    for row, step in zip(ahead, expected().steps, strict=True):
        ends = (step.median, step.low80, step.high80, step.low95, step.high95)
        assert [cell.sort for cell in row.cells[1:6]] == pytest.approx(list(ends))
    running = [row for row in made.table.rows if row.cells[-1].text == "So far"]
    this_week = TODAY - timedelta(days=TODAY.weekday())
    assert [row.cells[0].text for row in running] == [
        named(this_week - WEEK),
        named(this_week),
    ]  # the newest row is of Saturday
    assert running[0].cells[2].text == "–"


def test_the_line_ends_where_the_fan_begins(club: Warehouse) -> None:
    made = chart(club, line())
    mondays, values = weekly()
    points = made.spec["datasets"]["points"]
    assert points[-1]["at"] == f"{mondays[-1]}T00:00:00Z"
    assert "t" not in points[-1]["strokes"]  # the running week is not drawn, so nothing is dashed but the forecast
    drawn = draw(made.spec, form="svg").decode()
    assert "4-week forecast" in drawn
    assert f"{(mondays[-1] + WEEK - timedelta(days=1)).day} Jan" in drawn  # the last close
    last = expected().steps[-1]
    assert f"{last.median:,.0f}" in drawn
    assert b"<svg" in draw(made.narrow, form="svg", mode="dark")
    assert points[-1]["value"] == values[-1]
    assert [item.label for item in made.legend][:4] == ["Actual", "Forecast", "80%", "95%"]


def test_the_caption_names_model_training_back_test_and_what_was_left_out(club: Warehouse) -> None:
    made, foretold = chart(club, line()), expected()
    told = " ".join(made.notes)
    assert foretold.model in told
    assert f"trained on {len(weekly()[0])} weeks, Week of " in told
    assert f"Back-test from {foretold.backtest.origins} points of the past: mean error " in told
    held = f"its 80% intervals held {100 * foretold.backtest.held80:.0f}% of {foretold.backtest.compared} values"
    assert held in told
    assert "Week of 19 Jan is still running" in told
    assert "The data does not reach the end of Week of 12 Jan: not learned from." in made.notes
    assert "Forecast for Week of 2 Feb" in made.sentence


def test_the_target_of_the_first_bucket_ahead_is_a_line(club: Warehouse) -> None:
    assert "Target 900" in draw(chart(club, line()).spec, form="svg").decode()
    assert "Target" not in draw(chart(club, line(forecast=None)).spec, form="svg").decode()


def test_a_chart_without_a_forecast_is_as_it_was(club: Warehouse) -> None:
    made = chart(club, line(forecast=None))
    assert [column.key for column in made.table.columns] == ["period", "s0"]
    assert made.spec["datasets"]["points"][-1]["strokes"].endswith("t")


def test_too_little_is_said_in_words_and_the_line_stays(club: Warehouse) -> None:
    made = chart(club, line(metrics=["turnover"], grain="month", period="last_12_months"))
    assert "No forecast. A forecast needs 12 whole months, and there are 4." in made.notes
    assert [column.key for column in made.table.columns] == ["period", "s0"]


def test_a_period_of_the_past_is_forecast_from_its_end(club: Warehouse) -> None:
    made = chart(club, line(period="2025-09-01..2025-11-03"))
    ahead = [row.cells[0].text for row in made.table.rows if row.cells[-1].text == "Forecast"]
    assert ahead[0] == named(date(2025, 11, 3))
    known = weekly()[1][: weekly()[0].index(date(2025, 11, 3))]
    foretold = forecast(known, periods=4, lower=0)
    assert isinstance(foretold, Projection)
    first = next(row for row in made.table.rows if row.cells[-1].text == "Forecast")
    assert first.cells[1].sort == pytest.approx(foretold.steps[0].median)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_has_the_forecast_rows_marked_as_such(club: Warehouse, form: Form) -> None:
    dashboard = board_with(club, line())
    selection = parse({}, dashboard=dashboard, catalog=club.catalog).selection
    made = export_panel(dashboard, "line", selection, SYSTEM_VIEWER, warehouse=club, now=NOW, form=form)
    assert made.body
    if form == "csv":
        heading, *rows = csv.reader(io.StringIO(made.body.decode("utf-8-sig")))
        compared = ["Visits, compared", "Visits, change"]
        assert heading == ["Week", "Visits", *compared, "Low 80%", "High 80%", "Low 95%", "High 95%", "Kind"]
        kinds = Counter(row[-1] for row in rows)
        assert kinds["Forecast"] == 4
        assert kinds["So far"] == 2
        ahead = [row for row in rows if row[-1] == "Forecast"]
        assert float(ahead[0][1]) == pytest.approx(expected().steps[0].median, rel=1e-6)
        assert ahead[0][0] == f"{weekly()[0][-1] + WEEK}"
        assert ahead[0][2:4] == ["", ""]
        assert float(ahead[0][4]) == pytest.approx(expected().steps[0].low80, rel=1e-6)
        actual = next(row for row in rows if row[-1] == "Actual")
        assert actual[4:8] == ["", "", "", ""]


def test_a_file_says_how_the_forecast_came_to_be_and_the_limit_of_a_role_holds(club: Warehouse) -> None:
    dashboard = board_with(club, line())
    selection = parse({}, dashboard=dashboard, catalog=club.catalog).selection
    with_context: Form = "csv_with_context"
    made = export_panel(dashboard, "line", selection, SYSTEM_VIEWER, warehouse=club, now=NOW, form=with_context)
    assert f"# Note: Forecast by {MODELS[expected().model]}" in made.body.decode("utf-8-sig").replace('"', "")
    assert made.rows == made.total_rows
    few = Viewer("few", replace(SYSTEM_VIEWER.policy, export_limit=3))
    limited = export_panel(dashboard, "line", selection, few, warehouse=club, now=NOW, form="csv")
    assert (limited.rows, limited.total_rows) == (3, made.total_rows)


def test_the_page_of_a_metric_goes_on_and_so_does_its_file(club: Warehouse) -> None:
    selection = parse({}, dashboard=None, catalog=club.catalog).selection
    view = metric_view("visits", selection, SYSTEM_VIEWER, warehouse=club, now=NOW)
    assert isinstance(view.trend, ChartView)
    ahead = [row for row in view.trend.table.rows if row.cells[6].text == "Forecast"]
    assert len(ahead) == USUAL_PERIODS["week"]
    made = export_metric_panel("visits", "m1", selection, SYSTEM_VIEWER, warehouse=club, now=NOW, form="csv")
    assert made.body.decode("utf-8-sig").count(",Forecast") == USUAL_PERIODS["week"]


def test_the_registry_shows_the_first_step_of_the_same_forecast(club: Warehouse) -> None:
    panel = RegistryPanel.model_validate({"registry": ["visits", "per_person", "turnover"], "forecast": True})
    made = shown(club, panel)
    assert isinstance(made, TableView)
    place = [column.key for column in made.columns].index("forecast")
    cells = {row.key: row.cells[place] for row in made.rows}
    selection = parse({"period": ["last_4_weeks"]}, dashboard=None, catalog=club.catalog).selection
    page = metric_view("visits", selection, SYSTEM_VIEWER, warehouse=club, now=NOW).trend
    assert isinstance(page, ChartView)
    first = next(row for row in page.table.rows if row.cells[6].text == "Forecast")
    assert cells["visits"].raw == first.cells[1].sort  # days: the cadence of visits, and the grain of four weeks
    assert cells["visits"].reason.startswith(f"{(max(days()) + timedelta(days=1)).day} Jan: ")
    assert "target" not in cells["visits"].reason  # of 900 a day there is no hope
    assert cells["turnover"].text == "–"
    assert cells["turnover"].reason == "A forecast needs 12 whole months, and there are 4"
    assert cells["per_person"].raw is None
    assert cells["per_person"].reason.endswith("without a denominator")  # weeks in which nobody came


def test_a_registry_that_does_not_ask_for_it_has_no_such_column(club: Warehouse) -> None:
    made = shown(club, RegistryPanel.model_validate({"registry": ["visits"]}))
    assert isinstance(made, TableView)
    assert "forecast" not in [column.key for column in made.columns]
