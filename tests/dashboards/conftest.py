"""The tiny shop, and its dashboards as pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tiny_shop import NOW, Show, warehouse_at

import panel_club
from sightline.dashboards.build import dashboard_view
from sightline.dashboards.selection import parse
from sightline.dashboards.view import DashboardView, PanelView
from sightline.definitions.policy import SYSTEM_VIEWER, Viewer
from sightline.metrics.warehouse import Warehouse


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Return the tiny shop with its rows."""
    return warehouse_at(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def show(shop: Warehouse) -> Show:
    """Return a function that makes a dashboard's page from an address."""

    def made(name: str = "shelf", viewer: Viewer = SYSTEM_VIEWER, **query: str | list[str]) -> DashboardView:
        dashboard = shop.catalog.dashboard(name)
        pairs = {key: [value] if isinstance(value, str) else value for key, value in query.items()}
        parsed = parse(pairs, dashboard=dashboard, catalog=shop.catalog)
        return dashboard_view(dashboard, parsed.selection, viewer, warehouse=shop, now=NOW, problems=parsed.problems)

    return made


@pytest.fixture(scope="session")
def panel() -> Callable[[DashboardView, str], PanelView]:
    """Return a function that finds a panel of a page by id."""

    def find(view: DashboardView, name: str) -> PanelView:
        return next(each for each in view.panels if each.id == name)

    return find


@pytest.fixture(scope="session")
def club(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Return the club, which shows every kind of panel, with its rows."""
    return panel_club.warehouse_at(tmp_path_factory.mktemp("club"))


@pytest.fixture
def board(club: Warehouse) -> Show:
    """Return a function that makes a page of the club from an address."""

    def made(name: str = "board", viewer: Viewer = SYSTEM_VIEWER, **query: str | list[str]) -> DashboardView:
        return club_page(club, name, viewer, **query)

    return made


def club_page(warehouse: Warehouse, name: str, viewer: Viewer, **query: str | list[str]) -> DashboardView:
    dashboard = warehouse.catalog.dashboard(name)
    pairs = {key: [value] if isinstance(value, str) else value for key, value in query.items()}
    parsed = parse(pairs, dashboard=dashboard, catalog=warehouse.catalog)
    return dashboard_view(dashboard, parsed.selection, viewer, warehouse=warehouse, now=panel_club.NOW)
