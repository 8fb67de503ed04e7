"""The page of a metric whose values come monthly: a year of months, how it stands, and no breakdown into one member."""

from __future__ import annotations

import pytest

from panel_club import NOW, warehouse_at
from sightline.dashboards.cadence import usual_period
from sightline.dashboards.metric_page import metric_view
from sightline.dashboards.selection import parse
from sightline.dashboards.view import ChartView, MetricView
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("EXE-2", "PLT-4")


@pytest.fixture(scope="module")
def own_club(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return warehouse_at(tmp_path_factory.mktemp("metric-page"))


def page_of(club: Warehouse, name: str, **chosen: str) -> MetricView:
    metric = club.catalog.metric(name)
    query = {key: [text] for key, text in chosen.items()}
    selection = parse(query, dashboard=None, catalog=club.catalog, otherwise=usual_period(metric)).selection
    return metric_view(name, selection, SYSTEM_VIEWER, warehouse=club, now=NOW)


def test_its_cadence_sets_the_period_unless_one_is_chosen(own_club: Warehouse) -> None:
    cadences = {name: metric.cadence for name, metric in own_club.catalog.metrics.items()}
    assert cadences["visits"] == "daily"
    assert usual_period(own_club.catalog.metric("visits")) == ("last_90_days", "previous_period")
    assert cadences["turnover"] == "monthly"
    assert usual_period(own_club.catalog.metric("turnover")) == ("last_12_months", "previous_year")


def test_no_bucket_is_shorter_than_the_cadence(own_club: Warehouse) -> None:
    trend = page_of(own_club, "turnover", period="last_90_days").trend
    assert isinstance(trend, ChartView)
    assert [row.key for row in trend.table.rows] == ["Oct 2025", "Nov 2025", "Dec 2025", "Jan 2026"]
    assert len(page_of(own_club, "turnover").trend.table.rows) == 12  # type: ignore[attr-defined] # a chart


def test_it_opens_with_how_it_stands(own_club: Warehouse) -> None:
    said = page_of(own_club, "turnover", period="last_90_days").standing
    assert said.text.startswith("Staff turnover is 8.0%, on watch: 5% to 10%.")


def test_a_breakdown_into_one_member_is_left_out(own_club: Warehouse) -> None:
    """All values of turnover are of one KPI; visits come through several channels."""
    assert not page_of(own_club, "turnover").breakdowns
    assert [panel.title for panel in page_of(own_club, "visits").breakdowns] == ["By channel"]
