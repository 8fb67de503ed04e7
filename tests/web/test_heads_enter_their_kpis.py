"""A department head enters the values of the own KPIs through pages, and of nobody else's."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import Settings

from cast import Cast, cast, home
from held_home import browser
from sightline.accounts.access import open_workspace
from sightline.accounts.models import AuditEntry, Membership, User
from sightline.home import Home
from sightline.ingest.actions.enter_values import enter_values

__all__ = ["cast", "home"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("EXE-2", "EXE-4", "EXE-6")]
ENTER = "/w/board/data/kpi_values/enter"
NOW = datetime.now(UTC)


@pytest.fixture
def heads(cast: Cast, home: Home, settings: Settings) -> dict[str, User]:
    """Return two heads, of finance and of marketing, in a workspace where each owns a KPI with a value."""
    settings.STATIC_ROOT = home.path / "static"
    settings.STATIC_ROOT.mkdir()
    home.create_workspace("board", packs=["executive"])
    Membership.objects.create(user=cast.owner, workspace="board", role="admin", attributes={})
    admin = open_workspace(cast.owner, "board")
    common = {"area": "Money", "cadence": "monthly", "value_from": "manual"}
    kpis = [
        {"kpi": "mrr", "name": "MRR", "owner": "CFO", **common},
        {"kpi": "cac", "name": "CAC", "owner": "CMO", **common},
    ]
    values = [{"kpi": kpi, "at": "2026-01-31", "value": "5", "entered_by": "x"} for kpi in ("mrr", "cac")]
    enter_values(access=admin, dataset="kpis", rows=kpis, reason="set up", now=NOW)
    enter_values(access=admin, dataset="kpi_values", rows=values, reason="set up", now=NOW)
    found = {}
    for owner in ("CFO", "CMO"):
        found[owner] = User.objects.create(email=f"{owner.lower()}@board.test", password="!")
        Membership.objects.create(
            user=found[owner], workspace="board", role="department_head", attributes={"owner": [owner]}
        )
    return found


def looked(who: Client, kpi: str, day: str, value: str) -> str:
    sent = {"how": "row", "do": "preview", "k:kpi": kpi, "k:at": day, "v:value": value, "w:value": ""}
    return who.post(ENTER, sent).content.decode()


def carried(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def test_heads_enter_and_correct_their_own_values(heads: dict[str, User]) -> None:
    mine = browser(heads["CFO"])
    for day, shown in (("2026-01-31", "5 → <b>9</b>"), ("2026-02-28", "<b>9</b>")):
        preview = looked(mine, "mrr", day, "9")
        assert shown in preview
        done = mine.post(ENTER, {**carried(preview), "do": "confirm", "reason": "closing"}, follow=True)
        assert "1 row entered" in done.content.decode()
    entries = AuditEntry.objects.filter(workspace="board", verb="entered values", actor="cfo@board.test")
    assert entries.count() == 2


def test_their_rows_lead_to_the_form(heads: dict[str, User]) -> None:
    page = browser(heads["CFO"]).get("/w/board/rows?dataset=kpi_values").content.decode()
    assert [html.unescape(each) for each in re.findall(rf'href="({ENTER}[^"]+)"', page)] == [
        f"{ENTER}?k%3Akpi=mrr&k%3Aat=2026-01-31"
    ]


def test_values_of_another_head_are_refused_like_those_of_no_kpi(heads: dict[str, User]) -> None:
    mine = browser(heads["CFO"])
    words = "there is no such row that you may enter"
    problems = []
    for kpi, day in (("cac", "2026-01-31"), ("cac", "2026-02-28"), ("nothing", "2026-01-31")):
        page = looked(mine, kpi, day, "9")
        assert words in page
        problems.append(re.findall(r'role="alert".*?</div>', page, re.DOTALL))
    assert problems[0] == problems[1] == problems[2] != []
    form = mine.get(ENTER, {"k:kpi": "cac", "k:at": "2026-01-31"}).content.decode()
    assert 'name="w:value" value=""' in form  # the value that is there is not told
    assert "5 → <b>9</b>" in looked(browser(heads["CMO"]), "cac", "2026-01-31", "9")


@pytest.mark.parametrize("dataset", ["kpis", "exchange_rates", "kpi_annotations"])
def test_heads_change_no_list_rate_or_event(heads: dict[str, User], dataset: str) -> None:
    mine = browser(heads["CFO"])
    assert mine.get(f"/w/board/data/{dataset}/enter").status_code in (403, 404)
    assert "Enter values" not in mine.get(f"/w/board/data/{dataset}").content.decode()
