"""Guides in a real browser: reached from the catalogue, fitting a phone and a desk, light and dark, and on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import Visit
from playwright.sync_api import expect

from sightline.guides.kinds import GUIDES

pytestmark = pytest.mark.req("SAA-9")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_guide_fits(visit: Callable[..., Visit], width: int, dark: bool, tmp_path: Path) -> None:
    window = visit("owner", width=width, dark=dark)
    for name in GUIDES:
        window.page.goto(f"/w/demo/guides/{name}")
        expect(window.page.locator("nav.guide-to [aria-current=page]")).to_have_count(1)
        assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        window.page.screenshot(path=tmp_path / f"{name}.png")
    assert window.complaints == []


def test_the_sidebar_and_the_palette_lead_to_a_guide(visit: Callable[..., Visit]) -> None:
    window = visit("reader")
    window.page.get_by_role("navigation", name="Main").get_by_role("link", name="Guides").click()
    window.page.wait_for_url("**/w/demo/guides/")
    window.page.keyboard.press("Control+k")
    window.page.get_by_role("combobox").fill("quick ref")
    expect(window.page.get_by_role("option", name="Quick reference")).to_have_attribute("aria-selected", "true")
    window.page.keyboard.press("Enter")
    window.page.wait_for_url("**/w/demo/guides/quick-reference")
    assert window.complaints == []


def test_the_catalogue_leads_to_a_metric_of_a_guide_and_the_guide_prints(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    window = visit("partner")
    window.page.goto("/w/demo/metrics")
    window.page.locator("main").get_by_role("link", name="Guides").click()
    window.page.locator("main").get_by_role("link", name="Metric guide").click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Metric guide")
    window.page.emulate_media(media="print")
    expect(window.page.locator("nav.guide-to")).to_be_hidden()
    window.page.pdf(path=tmp_path / "guide.pdf", prefer_css_page_size=True)
    window.page.emulate_media(media="screen")
    window.page.get_by_role("link", name="Cost per lead", exact=True).first.click()
    window.page.wait_for_url("**/w/demo/metrics/cpl")
    assert window.complaints == []
