"""No page breaks a rule of axe-core, in either theme, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import Visit

pytestmark = [pytest.mark.browser]
Open = Callable[..., Visit]
ADDRESSES = (
    "/w/demo/d/shelf",
    "/w/demo/d/funnel",
    "/w/demo/d/program?program=mba",
    "/w/demo/metrics",
    "/w/demo/metrics/cpl",
    "/w/demo/metrics/cpl/tree",
    "/w/demo/explain?metric=cpl",
    "/w/demo/rows?metric=inquiries&program=mba",
    "/w/demo/compare?entity=program&members=mba,ms_finance",
    "/w/demo/data",
    "/w/demo/data/import",
    "/w/demo/data/quarantine",
    "/w/demo/data/programs/enter?program_id=mba",
    "/w/demo/data/programs/enter?how=grid",
    "/w/demo/data/programs/entries",
    "/w/demo/data/archived",
    "/w/demo/data/sources",
    "/w/demo/data/connect-source",
    "/w/demo/data/connect-source/files",
    "/w/demo/admin/members",
    "/w/demo/admin/settings",
    "/w/demo/admin/audit",
    "/w/demo/view-as",
    "/account",
    "/nowhere",
)
RULES = {
    "preload": False,  # axe would fetch our style sheets again, which proves nothing more
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
}


def violations(visit: Visit) -> list[str]:
    """Return what axe-core finds: rule, help and the elements."""
    before = list(visit.complaints)
    found = Axe().run(visit.page, options=RULES).response["violations"]
    visit.complaints[:] = before  # the checker itself trips over the content policy; pages must not
    return [
        f"{visit.page.url} {each['id']}: {each['help']}: {[node['target'] for node in each['nodes'][:4]]}"
        for each in found
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_breaks_a_rule(visit: Open, width: int, dark: bool) -> None:
    mine = visit("owner", width=width, dark=dark)
    found = []
    for address in ADDRESSES:
        mine.page.goto(address)
        mine.drawn()
        found += violations(mine)
    assert found == []
    assert mine.complaints == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_open_layers_break_no_rule(visit: Open, dark: bool) -> None:
    mine = visit("lead", dark=dark)
    page = mine.page
    found = []
    page.keyboard.press("Control+k")
    page.locator("[role=option]").first.wait_for()
    found += violations(mine)
    page.keyboard.press("Escape")
    page.locator(".kpi a.num-btn").first.click()
    page.locator("#drawer .lin").wait_for()
    found += violations(mine)
    page.keyboard.press("Escape")
    for button in ("#f-period-b", "#f-school-b", "[popovertarget=me-menu]", "[popovertarget=fresh-menu]"):
        page.locator(button).first.click()
        found += violations(mine)
        page.keyboard.press("Escape")
    assert found == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_way_in_breaks_no_rule(visit: Open, dark: bool) -> None:
    nobody = visit(dark=dark)
    found = []
    for address in ("/sign-in", "/password/forgotten", "/password/reset/x/y"):
        nobody.page.goto(address)
        found += violations(nobody)
    assert found == []
