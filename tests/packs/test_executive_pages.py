"""The pages of the executive pack: what they show, whether it can be answered, and that all of it is documented."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from executive_company import board_of, make_tables
from sample_company import NOW

from sightline.dashboards.build import dashboard_view
from sightline.dashboards.panels.registry import KINDS
from sightline.dashboards.selection import parse
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.definitions.schema.dashboard import Dashboard, panel_kind
from sightline.definitions.schema.list_panels import ListPanel, RegistryPanel
from sightline.metrics.warehouse import Warehouse

AREAS = ("financial", "customers", "operations", "education", "market")
OWNERS = ("ceo", "cfo", "cro", "cmo", "cto", "chro")
PAGES = (
    *("executive", "risks_and_actions", "my_kpis"),
    *(f"executive_{area}" for area in AREAS),
    *(f"owner_{owner}" for owner in OWNERS),
)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory, make_warehouse: Callable[..., Warehouse]) -> Warehouse:
    return board_of(tmp_path_factory, make_warehouse, make_tables())


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
def test_the_overview_opens_with_health_and_what_needs_attention_first(board: Warehouse) -> None:
    page = board.catalog.dashboard("executive")
    kinds = _kinds(page)
    assert kinds[0] == "stat"
    attention = next(panel for panel in page.panels if isinstance(panel, RegistryPanel) and panel.only == "off_track")
    assert attention.sort == "status"
    assert page.panels.index(attention) < 7
    assert {"tile", "registry", "list"} <= set(kinds)


@pytest.mark.req("EXE-4", "EXE-6")
@pytest.mark.parametrize("owner", OWNERS)
def test_an_owner_has_a_page_of_the_own_kpis_overdue_entries_actions_and_reviews(board: Warehouse, owner: str) -> None:
    panels = board.catalog.dashboard(f"owner_{owner}").panels
    registries = [panel for panel in panels if isinstance(panel, RegistryPanel)]
    assert [(panel.owner, panel.only) for panel in registries] == [(owner.upper(), None), (owner.upper(), "overdue")]
    lists = [panel for panel in panels if isinstance(panel, ListPanel)]
    assert [panel.list for panel in lists] == ["actions", "risks", "reviews"]
    assert {panel.where for panel in lists} == {f"owner = '{owner.upper()}'"}


@pytest.mark.req("EXE-6")
def test_actions_stand_by_horizon_with_the_kpi_they_shall_move(board: Warehouse) -> None:
    lists = [panel for panel in board.catalog.dashboard("risks_and_actions").panels if isinstance(panel, ListPanel)]
    actions = [panel for panel in lists if panel.list == "actions"]
    assert [panel.where for panel in actions] == [f"horizon = '{each}'" for each in ("30 days", "90 days", "12 months")]
    assert all("kpi" in [getattr(each, "column", each) for each in panel.columns] for panel in actions)


def test_the_documentation_names_every_dataset_metric_page_role_and_tie_out(board: Warehouse, repository: Path) -> None:
    text = (repository / "docs" / "packs" / "executive.md").read_text()
    catalog = board.catalog
    for names in (catalog.datasets, catalog.metrics, catalog.dashboards, catalog.roles, catalog.tieouts):
        assert [name for name in names if f"`{name}`" not in text] == []
    assert [name for name, metric in catalog.metrics.items() if metric.description not in text] == []
