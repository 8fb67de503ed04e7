"""Every page, asked for by each of the cast: nobody, a stranger, and members with and without the permission."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from page_audit import problems_of

from sightline.accounts.models import User
from sightline.definitions.loader import load, shipped_pack
from sightline.definitions.schema.pack import Settings

As = Callable[[str], Client]
W = "/w/demo"
PAGES = (
    f"{W}/d/shelf",
    f"{W}/d/funnel",
    f"{W}/d/trends",
    f"{W}/d/cost",
    f"{W}/d/program",
    f"{W}/d/program?program=mba",
    f"{W}/d/school?school=business",
    f"{W}/metrics",
    f"{W}/metrics?q=cost",
    f"{W}/metrics/cpl",
    f"{W}/metrics/cpl/tree",
    f"{W}/explain?metric=cpl",
    f"{W}/compare?entity=program&members=mba,ms_finance",
    f"{W}/data",
    f"{W}/data/leads",
)
OWN = ("/account", "/workspaces", "/password/change")
NEEDS = {
    f"{W}/rows?metric=inquiries": {"owner", "lead", "partner"},
    f"{W}/rows?dataset=leads&sort=-created_at&page=2": {"owner", "lead", "partner"},
    f"{W}/export/shelf/programs.csv": {"owner", "lead", "partner"},
    f"{W}/export-metric/cpl/m1.csv": {"owner", "lead", "partner"},
    f"{W}/export-compare.csv?entity=program&members=mba,ms_finance": {"owner", "lead", "partner"},
    f"{W}/export-rows.csv?metric=inquiries&program=mba": {"owner", "lead", "partner"},
    f"{W}/data/quarantine": {"owner", "lead"},
    f"{W}/data/sources": {"owner", "lead"},
    f"{W}/data/sources-export.csv": {"owner", "lead"},
    f"{W}/data/connect-source": {"owner"},
    f"{W}/data/connect-source/files": {"owner"},
    f"{W}/data/quarantine?dataset=leads&tab=history": {"owner", "lead"},
    f"{W}/export-quarantine.csv?dataset=leads": {"owner", "lead"},
    f"{W}/data/programs/enter": {"owner"},
    f"{W}/data/programs/enter?program_id=mba": {"owner"},
    f"{W}/data/programs/enter?how=grid": {"owner"},
    f"{W}/data/programs/entries": {"owner", "lead"},
    f"{W}/data/leads/entries": {"owner"},
    f"{W}/data/archived": {"owner"},
    f"{W}/data/archive?entity=program&key=mba&archived=1": {"owner"},
    f"{W}/data/import": {"owner"},
    f"{W}/admin/members": {"owner"},
    f"{W}/admin/settings": {"owner"},
    f"{W}/admin/audit": {"owner"},
    f"{W}/view-as": {"owner"},
}
FRAGMENTS = (f"{W}/palette?q=mba", f"{W}/members?dimension=school", f"{W}/workspaces", f"{W}/saved?dashboard=shelf")


@pytest.mark.parametrize("address", [*PAGES, *NEEDS, *FRAGMENTS, *OWN])
def test_nobody_is_sent_to_sign_in_and_back(people: dict[str, User], address: str) -> None:
    response = Client().get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("address", [*PAGES, *NEEDS, *FRAGMENTS])
def test_a_stranger_learns_not_even_that_the_workspace_exists(as_: As, address: str) -> None:
    response = as_("stranger").get(address)
    assert response.status_code == 404
    there_is_none = as_("stranger").get(address.replace("/w/demo", "/w/nothing"))
    assert there_is_none.status_code == 404
    assert _words(response.content) == _words(there_is_none.content)


@pytest.mark.parametrize("who", ["owner", "lead", "partner", "reader"])
@pytest.mark.parametrize("address", PAGES)
def test_members_get_a_sound_page(as_: As, who: str, address: str) -> None:
    response = as_(who).get(address)
    assert response.status_code == 200, response.content.decode()[-2000:]
    assert problems_of(response.content.decode()) == []
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]


@pytest.mark.req("PRG-4.1")
@pytest.mark.parametrize("who", ["owner", "lead", "partner", "reader"])
@pytest.mark.parametrize(("address", "allowed"), NEEDS.items())
def test_a_page_opens_for_those_with_the_permission(as_: As, who: str, address: str, allowed: set[str]) -> None:
    response = as_(who).get(address)
    assert response.status_code == (200 if who in allowed else 403)
    if "text/html" in response["Content-Type"]:
        assert problems_of(response.content.decode()) == []


@pytest.mark.parametrize("address", FRAGMENTS)
def test_fragments_answer_members(as_: As, address: str) -> None:
    response = as_("reader").get(address)
    assert response.status_code == 200
    assert "<html" not in response.content.decode()


@pytest.mark.parametrize("address", OWN)
def test_own_pages_are_sound(as_: As, address: str) -> None:
    response = as_("owner").get(address)
    assert response.status_code == 200
    assert problems_of(response.content.decode()) == []


@pytest.mark.parametrize("address", ["/sign-in", "/password/forgotten", "/password/reset/x/y", "/nowhere"])
def test_pages_before_sign_in_are_sound(people: dict[str, User], address: str) -> None:
    response = Client().get(address)
    assert problems_of(response.content.decode()) == []


@pytest.mark.parametrize(
    "address",
    [
        f"{W}/d/nope",
        f"{W}/metrics/nope",
        f"{W}/data/nope",
        f"{W}/d/program?program=nope",
        f"{W}/export/shelf/nope.csv",
        f"{W}/nope",
    ],
)
def test_what_does_not_exist_is_not_found(as_: As, address: str) -> None:
    response = as_("owner").get(address)
    assert response.status_code == 404
    assert problems_of(response.content.decode()) == []


def test_an_address_with_nonsense_still_shows_the_page_and_says_so(as_: As) -> None:
    response = as_("owner").get(f"{W}/d/shelf?period=someday&colour=red&at=x")
    text = response.content.decode()
    assert response.status_code == 200
    assert "someday" in text
    assert "colour" in text


def _words(body: bytes) -> str:
    return body.decode().replace("nothing", "demo")


@pytest.mark.parametrize(
    "address", [f"{W}/d/shelf", f"{W}/metrics/cpl", f"{W}/compare?entity=program&members=mba,ms_finance"]
)
def test_who_may_not_see_rows_is_shown_no_way_to_them(as_: As, address: str) -> None:
    assert f"{W}/rows?" not in as_("reader").get(address).content.decode()
    if "compare" not in address:
        assert f"{W}/rows?" in as_("lead").get(address).content.decode()


def test_a_metric_of_every_kind_has_a_page_that_opens(as_: As) -> None:
    pack = shipped_pack("programs")
    assert pack is not None
    catalog = load(settings=Settings(workspace="demo"), packs=[pack], overrides=None).catalog
    one_each = {metric.type: name for name, metric in catalog.metrics.items() if not metric.hidden}
    assert "funnel" in one_each
    browser = as_("owner")
    opened = {name: browser.get(f"{W}/metrics/{name}").status_code for name in one_each.values()}
    assert opened == dict.fromkeys(opened, 200)
