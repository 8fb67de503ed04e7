"""What a page offers as files is within reach at every width: behind ⋯ on a phone, as a button elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import Visit
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.req("PRG-5.3", "PRG-6")]
PAGES = {"/w/demo/d/shelf": "Export this page", "/w/demo/rows?metric=inquiries&program=mba": "Export all"}


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1440])
def test_a_page_is_exported_from_its_head(visit: Callable[..., Visit], tmp_path: Path, width: int, dark: bool) -> None:
    mine = visit("lead", width=width, dark=dark)
    page = mine.page
    for number, (address, words) in enumerate(PAGES.items()):
        page.goto(address)
        head = page.locator(".head")
        more, button = head.locator(".ib"), head.get_by_role("button", name="Export", exact=True)
        shown, hidden = (more, button) if width < 720 else (button, more)
        expect(hidden).to_be_hidden()
        expect(shown).to_have_accessible_name(re.compile("^Export"))
        box = shown.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= (40 if width < 720 else 24)
        shown.click()
        menu = head.locator(".menu")
        expect(menu.get_by_text(words)).to_be_visible()
        edges = menu.bounding_box()
        assert edges is not None
        assert edges["x"] >= 0
        assert edges["x"] + edges["width"] <= width
        with page.expect_download() as loading:
            menu.get_by_role("link", name="CSV with filters").click()
        loading.value.save_as(tmp_path / f"{number}.csv")
        assert "# Filters: " in (tmp_path / f"{number}.csv").read_text(encoding="utf-8-sig")
    assert mine.complaints == []
