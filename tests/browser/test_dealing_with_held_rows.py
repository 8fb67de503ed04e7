"""The walk of who mends data: a held row is fixed, a number changes, a value is entered, the number says so."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browsing import Visit
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer
from test_access import violations

from company_cast import PASSWORD
from company_cast import company_home as shared_home
from sightline.accounts.models import User
from sightline.home import Home
from sightline.ingest.actions.import_file import import_file

__all__ = ["shared_home"]

pytestmark = [pytest.mark.browser, pytest.mark.req("PRG-1.3", "PRG-1.8", "PRG-8")]
Open = Callable[..., Visit]
NOW = datetime.now(UTC)
DAY = f"{NOW - timedelta(days=40):%Y-%m-%d}"
LEADS = f"""lead_id,program_id,email,source,created_at
held-1,mba,one@x.test,Search,someday
held-2,atlantis,two@x.test,Search,{DAY}
held-3,mba,three@x.test,Search,{NOW + timedelta(days=400):%Y-%m-%d}
held-4,lemuria,four@x.test,Search,{DAY}
"""
COUNT = "/w/demo/explain?metric=inquiries&period=all_time"


@pytest.fixture
def company_home(shared_home: Path, tmp_path: Path) -> Path:
    """Return a copy of the company, for what is changed here, with four leads held."""
    home = shutil.copytree(shared_home, tmp_path / "home")
    file = tmp_path / "leads of march.csv"
    file.write_text(LEADS)
    return home


@pytest.fixture
def held(company_home: Path, people: dict[str, User], tmp_path: Path) -> None:
    """Have the leads held."""
    folder = Home.open(company_home).workspace("demo")
    import_file(folder=folder, dataset="leads", path=tmp_path / "leads of march.csv", now=NOW, by="owner@example.org")


def figure(page: Page) -> int:
    page.goto(COUNT)
    return int(page.locator(".dr-n").inner_text().replace(",", ""))


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)])
def test_a_row_is_fixed_a_value_entered_and_the_number_says_so(held: None, visit: Open, width: int, dark: bool) -> None:
    mine = visit("owner", width=width, dark=dark)
    page, found = mine.page, []
    before = figure(page)
    assert page.get_by_text("By hand").count() == 0

    page.goto("/w/demo/data/quarantine?dataset=leads")
    expect(page.get_by_text("4 rows kept out of every metric")).to_be_visible()
    found += violations(mine)
    page.get_by_role("link", name="Fix held-1").click()
    expect(page.get_by_role("button", name="Store the row")).to_be_visible()
    found += violations(mine)
    page.get_by_label("created_at").fill("soon")
    page.get_by_role("button", name="Store the row").click()
    expect(page.get_by_text("It would be held again")).to_be_visible()
    found += violations(mine)
    expect(page.get_by_label("created_at")).to_have_value("soon")
    page.get_by_label("created_at").fill(DAY)
    page.get_by_role("button", name="Check only").click()
    expect(page.get_by_text("It would pass every check")).to_be_visible()
    page.get_by_label("Reason").fill("asked the sender")
    page.get_by_role("button", name="Store the row").click()
    expect(page.locator(".toast")).to_contain_text("1 row released")
    expect(page.locator("main > .note")).to_contain_text("1 row released")
    assert figure(page) == before + 1
    expect(page.get_by_text("1 row behind this figure was mended in quarantine")).to_be_visible()

    page.goto("/w/demo/data/leads/enter")
    found += violations(mine)
    page.get_by_label("Lead", exact=False).first.fill("hand-1")
    page.get_by_label("Lead", exact=False).first.press("Tab")
    expect(page.get_by_role("heading", name="A new row")).to_be_visible()
    expect(page).to_have_url(re.compile("k%3Alead_id=hand-1"))
    page.get_by_label("Program", exact=False).first.fill("mba")
    page.get_by_label("Inquired at").fill(DAY)
    page.get_by_label("Reason").fill("told by phone")
    found += violations(mine)
    page.get_by_role("button", name="Look at the change").click()
    expect(page.get_by_role("heading", name="Before → after")).to_be_visible()
    found += violations(mine)
    page.get_by_role("button", name="Enter 1 row").click()
    expect(page.get_by_text("told by phone")).to_be_visible()
    found += violations(mine)
    assert figure(page) == before + 2
    expect(page.get_by_text("1 row behind this figure was entered by hand")).to_be_visible()

    page.goto("/w/demo/metrics/inquiries?period=all_time")
    page.locator("a[data-drawer]").first.click()
    drawer = page.get_by_role("dialog", name="Explanation")
    expect(drawer.get_by_text("was entered by hand")).to_be_visible()
    expect(drawer.get_by_text("told by phone")).to_be_visible()
    found += violations(mine)
    assert found == []
    assert mine.complaints == []


def test_chosen_rows_are_released_and_discarded_in_a_dialog(held: None, visit: Open) -> None:
    mine = visit("owner")
    page = mine.page
    page.goto("/w/demo/data/quarantine?dataset=leads")
    release = page.get_by_role("button", name="Release selected")
    expect(release).to_be_disabled()
    page.get_by_label("Check").select_option("references")
    expect(page.get_by_text("2 of 4 rows match")).to_be_visible()
    expect(page).to_have_url(re.compile("check=references"))
    page.reload()
    page.get_by_label("Select all rows shown").check()
    expect(page.get_by_text("2 selected")).to_have_count(1)
    page.get_by_role("button", name="Discard").click()
    dialog = page.get_by_role("dialog", name="Deal with held rows")
    expect(dialog.get_by_role("heading", name="Discard these rows?")).to_be_visible()
    expect(dialog.get_by_label("Reason")).to_be_focused()
    assert violations(mine) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    page.get_by_label("Select held-4").uncheck()
    page.get_by_role("button", name="Discard").click()
    dialog.get_by_label("Reason").fill("no such program")
    dialog.get_by_role("button", name="Discard 1 row").click()
    expect(page.locator(".toast")).to_contain_text("1 row discarded")

    page.get_by_label("Select held-1").check()
    page.get_by_label("Select held-3").check()
    release.click()
    expect(dialog.get_by_text("overrides the checks")).to_be_visible()
    expect(dialog.get_by_text("1 of them cannot be released")).to_be_visible()
    assert violations(mine) == []
    dialog.get_by_label("Reason").fill("a start next year")
    dialog.get_by_role("button", name="Release 2 rows").click()
    expect(page.locator("main > .note")).to_contain_text("1 row released, 1 row held again")
    expect(page.locator("main > .note")).to_contain_text("Inquired at is not a timestamp")

    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("rowheader")).to_have_count(2)
    expect(page.get_by_text("a start next year")).to_be_visible()
    assert violations(mine) == []
    assert mine.complaints == []


def test_without_scripts_a_page_asks_instead_of_a_dialog(
    held: None, people: dict[str, User], live_server: LiveServer, chromium: Browser, transactional_db: None
) -> None:
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("owner@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto("/w/demo/data/quarantine?dataset=leads&q=program")
    page.get_by_label("Select held-2").check()
    page.get_by_role("button", name="Release selected").click()
    page.get_by_label("Reason").fill("it exists")
    page.get_by_role("button", name="Release 1 row").click()
    expect(page.locator("main > .note")).to_contain_text("1 row released")
    page.goto("/w/demo/data/archive?entity=program&key=mba&archived=1")
    page.get_by_label("Reason").fill("closed")
    page.get_by_role("button", name="Archive program").click()
    expect(page.locator(".head .st")).to_have_text("Archived")
    context.close()


@pytest.mark.parametrize(("width", "dark"), [(1440, True), (390, False)])
def test_a_program_is_archived_from_the_menu_of_its_page(held: None, visit: Open, width: int, dark: bool) -> None:
    mine = visit("owner", width=width, dark=dark)
    page = mine.page
    page.goto("/w/demo/d/program?program=mba")
    page.get_by_role("button", name="More about MBA").click()
    assert violations(mine) == []
    page.get_by_role("link", name="Archive…").click()
    dialog = page.get_by_role("dialog", name="Archive or restore")
    dialog.get_by_label("Reason").fill("no intake")
    assert violations(mine) == []
    dialog.get_by_role("button", name="Archive program").click()
    expect(page.locator(".head .st")).to_have_text("Archived")
    assert violations(mine) == []
    page.goto("/w/demo/data/archived")
    assert violations(mine) == []
    page.get_by_role("link", name="Restore…").click()
    page.get_by_label("Reason").fill("open again")
    page.get_by_role("button", name="Restore program").click()
    expect(page.locator(".head .st")).to_have_count(0)
    assert mine.complaints == []


def test_a_block_from_a_spreadsheet_fills_the_grid(held: None, visit: Open) -> None:
    mine = visit("owner")
    page = mine.page
    page.goto("/w/demo/data/programs/enter?how=grid")
    assert violations(mine) == []
    page.get_by_label("Program, row 1").focus()
    page.evaluate(
        """text => {
        const data = new DataTransfer(); data.setData('text/plain', text);
        const paste = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
        document.activeElement.dispatchEvent(paste);
        }""",
        "mba\tbusiness\nms_finance\tbusiness\n",
    )
    expect(page.get_by_label("School, row 2")).to_have_value("business")
    page.get_by_label("Tuition, row 1").fill("31000")
    page.get_by_role("button", name="Look at the changes").click()
    expect(page.get_by_role("heading", name="Before → after")).to_be_visible()
    assert violations(mine) == []
    page.get_by_role("button", name="Go on changing").click()
    expect(page.get_by_label("Tuition, row 1")).to_have_value("31000")
    assert mine.complaints == []
