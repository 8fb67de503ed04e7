"""The walk of a reader: sign in, shelf, filter, sort, drill, rows, explain, export, share."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import Visit
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser]
Open = Callable[..., Visit]


@pytest.mark.req("PRG-3.3")
def test_a_reader_walks_from_the_shelf_to_the_rows_and_shares_the_link(visit: Open, tmp_path: Path) -> None:
    mine = visit("lead")
    page = mine.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Program shelf")
    mine.drawn()

    page.get_by_role("button", name="School All").click()
    page.get_by_role("checkbox", name="Business").check()
    page.get_by_role("dialog", name="School").get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("school=business"))
    table = page.locator("#programs")
    expect(table.get_by_role("rowheader", name="MBA")).to_be_visible()
    expect(table.get_by_text("MS Nursing")).to_have_count(0)

    table.get_by_role("link", name=re.compile("^CPL")).click()
    expect(page).to_have_url(re.compile("sort.programs"))
    expect(table.locator("th[aria-sort=ascending], th[aria-sort=descending]")).to_have_count(1)
    shared = page.url

    figure = page.locator(".kpi a.num-btn").first
    value = figure.inner_text()
    figure.click()
    drawer = page.get_by_role("dialog", name="Explanation")
    expect(drawer.get_by_text("Filters in force")).to_be_visible()
    expect(drawer.locator(".dr-n")).to_have_text(value)
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(figure).to_be_focused()

    figure.click()
    drawer.get_by_role("link", name="Show the rows").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("rows")
    expect(page.get_by_text(f"{value} rows of leads")).to_be_visible()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as loading:
        page.get_by_role("link", name="CSV", exact=True).click()
    loading.value.save_as(tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(encoding="utf-8-sig") as file:
        assert f"{len(list(csv.DictReader(file))):,}" == value

    page.goto(shared)
    page.locator("#programs").get_by_role("link", name="MBA", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("MBA")
    mine.drawn()

    theirs = visit("partner")
    theirs.page.goto(shared.replace("school=business", "school=business&school=public_policy"))
    expect(theirs.page.locator("#programs").get_by_role("rowheader", name="MBA")).to_be_visible()
    assert "Paralegal" not in theirs.page.content()
    theirs.page.goto("/w/demo/d/program?program=ms_nursing")
    expect(theirs.page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    assert mine.complaints == []
    assert theirs.complaints == []


def test_the_keyboard_alone_is_enough(visit: Open) -> None:
    mine = visit("lead")
    page = mine.page
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox")
    expect(box).to_be_focused()
    box.press_sequentially("nursing")
    chosen = page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_contain_text("MS Nursing")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("MS Nursing")
    page.go_back()
    page.wait_for_url("**/d/shelf")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tr[aria-selected=true]")).to_have_count(1)
    page.keyboard.press("e")
    expect(page.get_by_role("dialog", name="Explanation").get_by_text("Formula")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#f-period-b")).to_be_focused()
    assert mine.complaints == []


def test_programs_are_compared_from_the_table(visit: Open) -> None:
    mine = visit("lead")
    page = mine.page
    boxes = page.locator("input[data-compare]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.locator("#compare-bar").get_by_role("link", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare programs")
    expect(page.locator("thead th")).to_have_count(3)
    assert mine.complaints == []


def test_the_theme_changes_at_once_and_stays(visit: Open) -> None:
    mine = visit("reader")
    page = mine.page
    page.locator("[popovertarget=me-menu]").first.click()
    with page.expect_response("**/appearance"):
        page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert mine.complaints == []


def test_a_chart_has_a_twin_that_is_a_table(visit: Open) -> None:
    mine = visit("lead")
    page = mine.page
    page.goto("/w/demo/d/trends")
    mine.drawn()
    panel = page.locator("section.panel").filter(has=page.locator("[data-chart]")).first
    panel.get_by_role("button", name="View as table").click()
    expect(panel.get_by_role("table")).to_be_visible()
    expect(panel.locator("[data-chart]")).to_be_hidden()
    assert mine.complaints == []


def test_on_a_phone_nothing_is_wider_than_the_screen(visit: Open) -> None:
    mine = visit("lead", width=390)
    page = mine.page
    for address in ("/w/demo/d/shelf", "/w/demo/d/program?program=mba", "/w/demo/metrics", "/w/demo/data"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
    page.goto("/w/demo/d/shelf")
    page.get_by_role("button", name="More").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Datasets").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Datasets")
    assert mine.complaints == []
