"""The CDNOW example over the real file, imported as it is: the published totals, and cohorts against plain counting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from example_home import LATER, ExampleHome, cohorts, follow_readme

from sightline.dashboards.build import dashboard_view
from sightline.dashboards.selection import parse
from sightline.definitions.policy import SYSTEM_VIEWER

PUBLISHED = {"transactions": 69_659, "customers": 23_570, "cds": 167_881, "revenue": 2_500_315.63}
MASTER = "cdnow/CDNOW_master.txt"


@pytest.fixture(scope="module")
def cdnow(
    tmp_path_factory: pytest.TempPathFactory, repository: Path, shared_data: Callable[[str], Path]
) -> ExampleHome:
    home = tmp_path_factory.mktemp("cdnow") / "home"
    files = shared_data(MASTER).parent
    follow_readme(repository / "examples" / "cdnow" / "README.md", home=home, cwd=repository, FILES=files)
    return ExampleHome(home, "cdnow")


@pytest.mark.req("PLT-3", "PLT-9")
def test_the_totals_are_the_published_ones(cdnow: ExampleHome) -> None:
    found = cdnow.ask(*PUBLISHED, now=LATER)
    assert {name: found.cell(0, name).value for name in PUBLISHED} == pytest.approx(PUBLISHED, abs=0.005, rel=0)
    [row] = cdnow.query(",".join(PUBLISHED))
    assert row == pytest.approx(list(PUBLISHED.values()), abs=0.005, rel=0)


@pytest.mark.req("PLT-3", "SAA-3")
def test_cohorts_are_those_that_plain_counting_finds(cdnow: ExampleHome, shared_data: Callable[[str], Path]) -> None:
    counted = _counted(shared_data(MASTER))
    found = cohorts(cdnow.ask("retained_customers", now=LATER), "retained_customers")
    assert found == counted
    assert [found[month][0] for month in sorted(found)] == [7846, 8476, 7248]  # all customers are of Q1 1997
    assert found["1997-01"][1] == 1157


def test_the_dashboard_draws_every_panel(cdnow: ExampleHome) -> None:
    warehouse = cdnow.warehouse
    dashboard = warehouse.catalog.dashboard("cdnow")
    selection = parse({}, dashboard=dashboard, catalog=warehouse.catalog).selection
    view = dashboard_view(dashboard, selection, SYSTEM_VIEWER, warehouse=warehouse, now=LATER)
    assert {panel.state for panel in view.panels} == {"ok"}


def _counted(path: Path) -> dict[str, list[int]]:
    """Return how many customers of each month's cohort bought so many months later, counted without Sightline."""
    bought = [(who, date.fromisoformat(day)) for who, day, *_ in map(str.split, path.read_text().splitlines()[1:])]
    first: dict[str, date] = {}
    for who, day in bought:
        first[who] = min(day, first.get(who, day))
    active: dict[tuple[str, int], set[str]] = {}
    for who, day in bought:
        age = (day.year - first[who].year) * 12 + day.month - first[who].month
        active.setdefault((f"{first[who]:%Y-%m}", age), set()).add(who)
    months = sorted({month for month, _ in active})
    oldest = {month: max(age for found, age in active if found == month) for month in months}
    return {month: [len(active[month, age]) for age in range(oldest[month] + 1)] for month in months}
