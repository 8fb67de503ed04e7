"""The pages of the guides: sound, for members only, and about what their reader sees."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from page_audit import problems_of
from pytest_django import Settings

from company_cast import PASSWORD
from sightline.accounts.models import Membership, User
from sightline.guides.kinds import GUIDES
from sightline.home import Home

As = Callable[[str], Client]
W = "/w/demo"
pytestmark = pytest.mark.req("SAA-9")


@pytest.mark.parametrize("who", ["owner", "partner", "reader"])
@pytest.mark.parametrize("name", ["", *GUIDES])
def test_members_read_every_guide(as_: As, who: str, name: str) -> None:
    response = as_(who).get(f"{W}/guides/{name}")
    assert response.status_code == 200
    assert problems_of(response.content.decode()) == []


def test_strangers_and_nobody_read_none(as_: As) -> None:
    assert as_("stranger").get(f"{W}/guides/metrics").status_code == 404
    assert Client().get(f"{W}/guides/metrics").status_code == 302
    assert as_("owner").get(f"{W}/guides/nope").status_code == 404


def test_the_catalogue_leads_to_the_guides(as_: As) -> None:
    assert f'href="{W}/guides/"' in as_("reader").get(f"{W}/metrics").content.decode()


@pytest.mark.req("PRG-4.1")
def test_members_are_told_about_their_own_role_and_admins_about_all(as_: As) -> None:
    own = as_("partner").get(f"{W}/guides/roles").content.decode()
    assert "School partner</h2>" in own
    assert "Read-only stakeholder" not in own
    every = as_("owner").get(f"{W}/guides/roles").content.decode()
    assert "Read-only stakeholder</h2>" in every


def test_a_changed_definition_is_in_the_guide_at_the_next_request(as_: As, company_home: Path) -> None:
    file = Home.open(company_home).workspace("demo").definitions / "metrics" / "own.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    browser = as_("owner")
    try:
        file.write_text(
            "metrics: {own_leads: {type: simple, dataset: leads, agg: count, description: Counted anew.}}\n"
        )
        assert "Counted anew." in browser.get(f"{W}/guides/metrics").content.decode()
    finally:
        file.unlink()
    assert "Counted anew." not in browser.get(f"{W}/guides/metrics").content.decode()


@pytest.mark.parametrize("who", ["owner", "partner", "reader"])
def test_every_page_leads_to_the_guides(as_: As, who: str) -> None:
    text = as_(who).get(f"{W}/data").content.decode()
    assert f'<a href="{W}/guides/" title="Guides">' in text[text.index("<nav") : text.index("</nav>")]
    own = as_(who).get(f"{W}/guides/").content.decode()
    assert f'<a href="{W}/guides/" title="Guides" aria-current="page">' in own


@pytest.mark.parametrize("who", ["owner", "partner", "reader"])
@pytest.mark.parametrize(
    ("typed", "found"),
    [("", list(GUIDES)), ("guide", ["metrics", "roles"]), ("BENCH", ["benchmarks"]), ("formula", ["metrics"])],
)
def test_the_palette_finds_guides(as_: As, who: str, typed: str, found: list[str]) -> None:
    text = as_(who).get(f"{W}/palette", {"q": typed}).content.decode()
    assert [name for name in GUIDES if f'href="{W}/guides/{name}"' in text] == found


@pytest.mark.django_db
def test_guides_tell_of_the_packs_of_the_role_only(tmp_path: Path, settings: Settings) -> None:
    home = Home.create(tmp_path / "home")
    (tmp_path / "home" / "static").mkdir()
    catalog = home.create_workspace("both", packs=["programs", "executive"]).catalog
    settings.SIGHTLINE_HOME, settings.STATIC_ROOT = home.path, home.path / "static"
    own = {"reader": "programs", "board": "executive"}
    of_pack = {
        pack: {metric.label for name, metric in catalog.metrics.items() if catalog.pack_of["metric", name] == pack}
        for pack in own.values()
    }
    for role, pack in own.items():
        user = User.objects.create_user(f"{role}@example.org", PASSWORD)
        Membership.objects.create(user=user, workspace="both", role=role, attributes={})
        browser = Client()
        browser.force_login(user)
        for address in ("guides/metrics", "guides/quick-reference"):
            titles = set(re.findall(r">([^<>]+)</a></(?:h3|th)>", browser.get(f"/w/both/{address}").content.decode()))
            assert titles
            assert titles <= {html.escape(label) for label in of_pack[pack]}, (role, address)
