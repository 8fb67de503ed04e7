"""No page breaks a rule of axe-core, in either theme, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import Visit

pytestmark = [pytest.mark.browser]
Open = Callable[..., Visit]
Rules = dict[str, object]
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
EVERY_RULE = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
RULES_OF_COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


def violations(visit: Visit, rules: Rules = EVERY_RULE) -> list[str]:
    """Return what axe-core finds: rule, help and the elements."""
    visit.settled()
    before = list(visit.complaints)
    # axe would fetch our style sheets again (preload) and describe at length every element that is as it should be
    options = {"preload": False, "resultTypes": ["violations"], "runOnly": rules}
    found = Axe().run(visit.page, options=options).response["violations"]
    visit.complaints[:] = before  # the checker itself trips over the content policy; pages must not
    return [
        f"{visit.page.url} {each['id']}: {each['help']}: {[node['target'] for node in each['nodes'][:4]]}"
        for each in found
    ]


def violations_in_both_themes(visit: Visit) -> list[str]:
    """Return what axe-core finds in the light, and of colours in the dark: nothing else changes with the theme."""
    found = violations(visit)
    visit.page.emulate_media(color_scheme="dark")
    found += violations(visit, RULES_OF_COLOUR)
    visit.page.emulate_media(color_scheme="light")
    return found


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_breaks_a_rule(visit: Open, width: int) -> None:
    mine = visit("owner", width=width)
    found = []
    for address in ADDRESSES:
        mine.page.goto(address)
        mine.drawn()
        found += violations_in_both_themes(mine)
    assert found == []
    assert mine.complaints == []


def test_open_layers_break_no_rule(visit: Open) -> None:
    mine = visit("lead")
    page = mine.page
    found = []
    page.keyboard.press("Control+k")
    page.locator("[role=option]").first.wait_for()
    found += violations_in_both_themes(mine)
    page.keyboard.press("Escape")
    page.locator(".kpi a.num-btn").first.click()
    page.locator("#drawer .lin").wait_for()
    found += violations_in_both_themes(mine)
    page.keyboard.press("Escape")
    for button in ("#f-period-b", "#f-school-b", "[popovertarget=me-menu]", "[popovertarget=fresh-menu]"):
        page.locator(button).first.click()
        found += violations_in_both_themes(mine)
        page.keyboard.press("Escape")
    assert found == []


def test_the_way_in_breaks_no_rule(visit: Open) -> None:
    nobody = visit()
    found = []
    for address in ("/sign-in", "/password/forgotten", "/password/reset/x/y"):
        nobody.page.goto(address)
        found += violations_in_both_themes(nobody)
    assert found == []
