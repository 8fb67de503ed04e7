"""The tiny shop's shelf as a page: numbers that can be checked by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tiny_shop import Show

from sightline.dashboards.view import ChartView, DashboardView

Find = Callable[[DashboardView, str], Any]


@pytest.mark.req("PRG-3.3")
def test_a_tile_has_value_change_and_target(show: Show, panel: Find) -> None:
    view = show()
    leads = panel(view, "tile_leads")
    assert leads.figure.text == "160"
    assert leads.delta.spoken == "up 6.7%, better, vs previous"
    cost = panel(view, "tile_cpl")
    assert (cost.figure.text, cost.bullet.words) == ("$45", "target $40")


def test_consecutive_tiles_share_a_strip(show: Show) -> None:
    blocks = show().blocks
    assert [len(block.tiles) for block in blocks[:2]] == [3, 0]
    assert blocks[1].panel is not None


@pytest.mark.req("PRG-3.7")
def test_subtotals_and_the_total_are_recomputed_and_not_averaged(show: Show, panel: Find) -> None:
    table = panel(show(), "programs")
    business = next(group for group in table.groups if group.label == "Business")
    assert [row.cells[3].text for row in business.rows] == ["20.0", "6.0"]
    assert business.subtotal[3].text == "15.3"  # 23 of 150, not the mean of 20.0 and 6.0
    assert [cell.text for cell in table.total] == ["All 3 programs", "160", "", "16.3", "$45"]


def test_heat_is_against_the_total_and_a_missed_benchmark_is_marked(show: Show, panel: Find) -> None:
    rows = {row.key: row for row in panel(show(), "programs").rows}
    assert (rows["a"].cells[3].heat, rows["a"].cells[3].below) == ("p2", "")
    assert (rows["b"].cells[3].heat, rows["b"].cells[3].below) == ("n3", "below 10%")


@pytest.mark.req("PRG-3.10")
def test_a_rate_over_too_few_cases_is_shown_as_counts_with_its_interval(show: Show, panel: Find) -> None:
    cell = {row.key: row for row in panel(show(), "programs").rows}["c"].cells[3]
    assert cell.figure.text == "3 of 10"
    assert cell.figure.state == "too_few"
    assert cell.figure.interval == "11–60%"
    assert cell.figure.reason == "n too small (10)"
    assert (cell.heat, cell.below) == ("", "")


def test_a_sparkline_is_drawn_per_row(show: Show, panel: Find) -> None:
    row = panel(show(), "programs").rows[0]
    assert row.cells[2].spark.path.startswith("M3 ")
    assert "13 points" in row.cells[2].spark.spoken


@pytest.mark.req("PRG-6")
def test_columns_sort_by_link_and_the_order_is_the_address(show: Show, panel: Find) -> None:
    table = panel(show(**{"sort.programs": "win_rate"}), "programs")
    column = next(column for column in table.columns if column.key == "win_rate")
    assert column.sorted == "ascending"
    assert ("sort.programs", "-win_rate") in column.sort_link.query
    business = next(group for group in table.groups if group.label == "Business")
    assert [row.key for row in business.rows] == ["b", "a"]


@pytest.mark.req("PRG-6")
def test_a_row_opens_its_member_with_the_same_period(show: Show, panel: Find) -> None:
    row = panel(show(period="last_30_days"), "programs").rows[0]
    assert row.link.href == "d/program?period=last_30_days&compare=previous_period&program=a"
    assert row.rows_link.page == "rows"


def test_filters_reach_every_panel_and_every_explanation(show: Show, panel: Find) -> None:
    view = show(school="Health")
    assert panel(view, "tile_leads").figure.text == "10"
    assert ("school", "Health") in panel(view, "tile_leads").figure.explain.query
    assert [row.key for row in panel(view, "programs").rows] == ["c"]
    chip = next(chip for chip in view.filters.variables if chip.name == "school")
    assert (chip.value_words, chip.active) == ("Health", True)
    assert [option.label for option in chip.options] == ["Business", "Health"]


def test_the_page_opens_with_the_computed_finding(show: Show) -> None:
    said = show().standfirst
    assert said.text == (
        "One program sits below the 10% benchmark: Beta. It took 31% of spend and returned 12% of wins."
    )
    assert said.parts[0] == ("One program sits below the 10% benchmark", True)


@pytest.mark.req("PRG-3.1")
def test_the_two_views_of_a_funnel_always_say_which_they_are(show: Show, panel: Find) -> None:
    cohort, period = panel(show(), "funnel"), panel(show(), "funnel_n2")
    assert (cohort.view_kind, period.view_kind) == ("cohort", "period")
    assert cohort.view.startswith("Cohort view: by date of leads, ")
    assert cohort.view.endswith("% matured")
    assert period.view.startswith("Period view: events of the period")
    assert [stage.count.text for stage in cohort.stages] == ["160", "26"]
    assert (cohort.stages[1].rate.text, cohort.stages[1].below) == ("16.3%", "Above 10%")


@pytest.mark.req("PRG-3.9")
def test_the_scatter_splits_volume_and_conversion_and_names_who_is_left_out(show: Show, panel: Find) -> None:
    chart = panel(show(), "scatter")
    assert "High, high: Alpha. Low, low: Beta" in chart.sentence
    assert chart.notes == ("Not drawn, too few cases or no value: Gamma.",)
    assert [row.key for row in chart.table.rows] == ["Alpha", "Beta", "Gamma"]


@pytest.mark.req("PRG-3.2")
def test_buckets_that_are_cut_are_dashed_or_pale_and_named(show: Show, panel: Find) -> None:
    view = show()
    assert panel(view, "line").notes == ("Dashed: Week of 20 Oct 2025 and Week of 19 Jan are not whole weeks.",)
    assert panel(view, "bar_n2").notes == ("Pale: Oct 2025 and Jan 2026 are not whole months.",)


def test_series_beyond_the_limit_are_named(show: Show, panel: Find) -> None:
    assert "Not drawn: Gamma." in panel(show(), "line_n2").notes


def test_every_chart_has_its_table(show: Show) -> None:
    for each in show().panels:
        if isinstance(each, ChartView):
            assert each.table.rows, each.id
            assert each.sentence


def test_equal_questions_are_answered_once(show: Show) -> None:
    view = show()
    assert view.questions < 25  # 13 panels plan more questions than this


def test_an_open_period_is_to_date_against_the_same_point(show: Show, panel: Find) -> None:
    tile = panel(show(period="this_month"), "tile_leads")
    assert tile.title == "Leads, to date"
    assert tile.delta.base == "vs same point"


def test_all_time_compares_with_nothing_and_says_so(show: Show, panel: Find) -> None:
    view = show(period="all_time")
    assert panel(view, "tile_leads").figure.text == "310"
    assert panel(view, "tile_leads").delta is None
    assert view.filters.compare.value_words == "Nothing before all time"


def test_an_immature_cohort_has_no_status_and_no_change(shop: Any) -> None:
    from tiny_shop import NOW, TODAY

    from sightline.dashboards.figures import delta, figure
    from sightline.dashboards.page import Page
    from sightline.dashboards.selection import Selection
    from sightline.definitions.policy import SYSTEM_VIEWER
    from sightline.metrics import Question, ask

    question = Question(metrics=("cohort_rate",), period="last_30_days", compare="previous_period")
    answer = ask(question, SYSTEM_VIEWER, warehouse=shop, now=NOW)
    page = Page(shop.catalog, Selection("last_30_days", "previous_period"), TODAY, "d/shelf")
    cell = answer.cell(0, "cohort_rate")
    made = figure(cell, answer, page, place="tile")
    assert made.state == "maturing"
    assert made.status is None
    assert made.reason.startswith("Maturing, ")
    assert delta(cell, answer, page) is None
