"""Every kind of panel in a real browser: no rule of axe-core broken, nothing too wide, twins and sorting work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from browsing import Visit
from playwright.sync_api import expect
from pytest_django import Settings
from test_access import violations

from company_cast import PASSWORD
from panel_club import ZONE, rows_of, write_pack
from sightline.accounts.models import Membership, User
from sightline.home import Home
from sightline.lake.write import publish_table

pytestmark = [pytest.mark.browser, pytest.mark.req("SAA-8", "EXE-2", "PLT-4")]
Open = Callable[..., Visit]
ADDRESSES = ("d/board", "d/detail", "metrics/health/tree", "metrics/coming_back", "metrics/health")


@pytest.fixture(scope="session")
def club_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with the club as the workspace `demo`, its rows up to yesterday."""
    path = tmp_path_factory.mktemp("club") / "home"
    home, now = Home.create(path), datetime.now(UTC)
    (path / "static").mkdir()
    folder = home.create_workspace("demo", packs=[str(write_pack(path.parent))], label="Club", zone=ZONE)
    for name, rows in rows_of(now.date()).items():
        dataset = folder.catalog.dataset(name)
        publish_table(folder.lake, dataset, pa.Table.from_pylist(rows), zone=ZONE, now=now, run=f"r-{name}")
    return path


@pytest.fixture
def people(club_home: Path, settings: Settings, db: None) -> dict[str, User]:
    """Return the club's people."""
    settings.SIGHTLINE_HOME = club_home
    settings.STATIC_ROOT = club_home / "static"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cast = {role: User.objects.create_user(f"{role}@example.org", PASSWORD) for role in ("admin", "no_rows")}
    for role, user in cast.items():
        Membership.objects.create(user=user, workspace="demo", role=role)
    return cast


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_kind_breaks_a_rule_or_the_page(visit: Open, width: int, dark: bool) -> None:
    mine = visit("admin", width=width, dark=dark)
    found = []
    for address in ADDRESSES:
        mine.page.goto(f"/w/demo/{address}")
        mine.drawn()
        found += violations(mine)
        wider = mine.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        found += [f"{address} is {wider} px wider than the window"] if wider > 0 else []
    assert found == []
    assert mine.complaints == []


def test_a_twin_says_the_same_and_breaks_no_rule(visit: Open) -> None:
    mine = visit("admin")
    mine.page.goto("/w/demo/d/board")
    mine.drawn()
    for button in mine.page.locator("[data-twin]").all():
        button.click()
    expect(mine.page.locator("#waterfall [data-view=table] tbody tr")).to_have_count(6)
    expect(mine.page.locator("#distribution [data-view=table]")).to_contain_text("Promoters")
    assert violations(mine) == []


def test_the_registry_sorts_and_a_cell_of_a_cohort_explains_itself(visit: Open) -> None:
    mine = visit("admin")
    mine.page.goto("/w/demo/d/board")
    mine.page.locator("#registry-s-status").click()
    mine.page.wait_for_url("**sort.registry=status**")
    expect(mine.page.locator("#registry tbody [data-row]").first).to_contain_text("Off track")
    mine.page.locator("#cohort td.q7 a").first.click()
    expect(mine.page.locator("#drawer")).to_contain_text("observations")


def test_who_may_see_no_rows_is_told_so_in_the_list(visit: Open) -> None:
    mine = visit("no_rows")
    mine.page.goto("/w/demo/d/board")
    expect(mine.page.locator("#list_risks")).to_contain_text("Not for your role")
