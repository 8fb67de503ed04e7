"""The retail example over the real transactions: the published figures, and who sees which of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from example_home import LATER, ExampleHome, cohorts, follow_readme

from sightline.dashboards.build import dashboard_view
from sightline.dashboards.selection import parse
from sightline.definitions.policy import SYSTEM_VIEWER, Viewer, policy_of

HEADLINE = {"invoices": 25_900, "customers": 4_372, "revenue": 9_747_747.93}
CLEANED = {
    "lines_clean": 397_884,
    "invoices_clean": 18_532,
    "customers_clean": 4_338,
    "revenue_clean": 8_911_407.90,
}
COHORTS = {  # customers by months since their first purchase, as published
    "2010-12": [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235],
    "2011-01": [417, 92, 111, 96, 134, 120, 103, 101, 125, 136, 152, 49],
    "2011-02": [380, 71, 71, 108, 103, 94, 96, 106, 94, 116, 26],
    "2011-09": [299, 70, 90, 34],
    "2011-10": [358, 86, 41],
    "2011-11": [323, 36],
    "2011-12": [41],
}


@pytest.fixture(scope="module")
def retail(
    tmp_path_factory: pytest.TempPathFactory, repository: Path, shared_data: Callable[[str], Path]
) -> ExampleHome:
    home = tmp_path_factory.mktemp("retail") / "home"
    files = shared_data("uci_online_retail/online_retail.parquet").parent
    follow_readme(repository / "examples" / "retail" / "README.md", home=home, cwd=repository, FILES=files)
    return ExampleHome(home, "retail")


@pytest.mark.req("PLT-3", "PLT-9")
@pytest.mark.parametrize("published", [HEADLINE, CLEANED], ids=["all", "cleaned"])
def test_the_figures_are_the_published_ones(retail: ExampleHome, published: dict[str, float]) -> None:
    found = retail.ask(*published, now=LATER)
    assert {name: found.cell(0, name).value for name in published} == pytest.approx(published, abs=0.005, rel=0)


@pytest.mark.req("PLT-3")
def test_the_command_line_answers_the_same(retail: ExampleHome) -> None:
    published = HEADLINE | CLEANED
    [row] = retail.query(",".join(published))
    assert row == pytest.approx(list(published.values()), abs=0.005, rel=0)


@pytest.mark.req("PLT-3", "SAA-3")
def test_every_published_cohort_is_met(retail: ExampleHome) -> None:
    found = cohorts(retail.ask("retained_customers", now=LATER), "retained_customers")
    assert len(found) == 13
    assert {month: found[month] for month in COHORTS} == COHORTS
    assert sum(ages[0] for ages in found.values()) == CLEANED["customers_clean"]
    rates = retail.ask("customer_retention", now=LATER).table.to_pylist()
    assert round(100 * rates[1]["customer_retention"], 1) == 36.6


@pytest.mark.req("PLT-3", "SAA-3")
def test_the_command_line_tells_the_same_cohorts(retail: ExampleHome) -> None:
    told: dict[str, list[int]] = {}
    for month, _age, customers, *_ in retail.query("retained_customers"):
        told.setdefault(month[:7], []).append(customers)
    assert {month: told[month] for month in COHORTS} == COHORTS


def viewer(retail: ExampleHome, role: str, **attributes: list[str]) -> Viewer:
    return Viewer(role, policy_of(retail.warehouse.catalog.roles[role], attributes))


@pytest.mark.req("PLT-3")
def test_a_country_manager_sees_their_countries_only(retail: ExampleHome) -> None:
    whole = retail.ask("revenue", "customers", now=LATER, group_by=("country",))
    rows = {row["country"]: row for row in whole.table.to_pylist()}
    assert len(rows) == 38
    german = viewer(retail, "country_manager", country=["Germany"])
    found = retail.ask("revenue", "customers", now=LATER, viewer=german)
    assert found.cell(0, "revenue").value == pytest.approx(float(rows["Germany"]["revenue"]))
    assert found.cell(0, "customers").value == rows["Germany"]["customers"]
    own = retail.ask("revenue", now=LATER, viewer=german, group_by=("country",))
    assert own.table["country"].to_pylist() == ["Germany"]
    months = cohorts(retail.ask("retained_customers", now=LATER, viewer=german), "retained_customers")
    assert sum(ages[0] for ages in months.values()) < sum(ages[0] for ages in COHORTS.values())


@pytest.mark.req("PLT-3")
def test_a_country_manager_without_a_country_sees_nothing(retail: ExampleHome) -> None:
    found = retail.ask("invoices", "revenue", now=LATER, viewer=viewer(retail, "country_manager"))
    assert not found.cell(0, "invoices").value
    assert not found.cell(0, "revenue").value


@pytest.mark.req("PLT-3")
def test_the_roles_may_do_what_they_say(retail: ExampleHome) -> None:
    for role, may in {
        "admin": {"view", "see_rows", "export", "manage_members"},
        "analyst": {"view", "see_rows", "export"},
        "country_manager": {"view", "see_rows"},
        "reader": {"view"},
    }.items():
        policy = viewer(retail, role).policy
        asked = ("view", "see_rows", "export", "manage_members", "import_data")
        assert {each for each in asked if policy.allows(each)} - {"import_data"} == may


def test_the_dashboard_draws_every_panel(retail: ExampleHome) -> None:
    warehouse = retail.warehouse
    dashboard = warehouse.catalog.dashboard("retail")
    selection = parse({}, dashboard=dashboard, catalog=warehouse.catalog).selection
    view = dashboard_view(dashboard, selection, SYSTEM_VIEWER, warehouse=warehouse, now=LATER)
    assert len(view.panels) == len(dashboard.panels)
    assert {panel.state for panel in view.panels} == {"ok"}
