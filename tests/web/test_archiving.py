"""Archiving a program: it leaves the lists, its page stays and says so, and it can come back."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from page_audit import problems_of

from cast import Cast, cast, home
from held_home import browser, held
from sightline.accounts.models import AuditEntry

__all__ = ["cast", "held", "home"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-8")]
ASK = "/w/programs/data/archive"
PAGE = "/w/programs/d/program?program=mba"
FORM = {"entity": "program", "key": "mba", "archived": "1", "reason": "no intake"}


def words(response: HttpResponse) -> str:
    return response.content.decode()


def test_a_program_is_archived_from_its_page_and_restored_from_the_list(held: Cast) -> None:
    mine = browser(held.owner)
    before = words(mine.get(PAGE))
    assert problems_of(before) == []
    assert "Archive…" in before
    assert "/w/programs/data/programs/enter?k%3Aprogram_id=mba" in before
    asked = words(mine.get(ASK, FORM))
    assert problems_of(asked) == []
    assert "Archive MBA?" in asked
    assert mine.post(ASK, {**FORM, "reason": " "}).status_code == 400
    done = mine.post(ASK, FORM, follow=True)
    text = words(done)
    assert problems_of(text) == []
    assert "MBA was archived" in text
    assert "Restore…" in text
    assert ">Archived</span>" in text
    assert "mba" not in words(mine.get("/w/programs/members?dimension=program"))
    assert "MBA" not in words(mine.get("/w/programs/palette?q=mba"))
    listed = words(mine.get("/w/programs/data/archived"))
    assert problems_of(listed) == []
    for expected in ("MBA", "no intake", "owner@cast.test"):
        assert expected in listed
    swapped = mine.post(ASK, {**FORM, "archived": "0"}, headers={"HX-Request": "true"})
    assert swapped["HX-Redirect"] == "/w/programs/d/program?program=mba"
    assert "mba" in words(mine.get("/w/programs/members?dimension=program"))
    assert "Nothing is archived" in words(mine.get("/w/programs/data/archived"))
    assert AuditEntry.objects.filter(verb="entered values", object="programs").count() == 2


@pytest.mark.parametrize("who", ["analyst", "viewer", "partner", "stranger"])
def test_others_neither_archive_nor_are_offered_to(held: Cast, who: str) -> None:
    theirs = browser(getattr(held, who))
    assert theirs.get(ASK, FORM).status_code in (403, 404)
    assert theirs.post(ASK, FORM).status_code in (403, 404)
    assert theirs.get("/w/programs/data/archived").status_code in (403, 404)
    assert "Archive…" not in words(theirs.get(PAGE))
    assert "mba" in words(browser(held.owner).get("/w/programs/members?dimension=program"))


def test_a_partner_sees_an_archived_program_of_their_school_only(held: Cast) -> None:
    mine = browser(held.owner)
    mine.post(ASK, FORM)
    mine.post(ASK, {**FORM, "key": "rn"})
    theirs = browser(held.partner)
    assert ">Archived</span>" in words(theirs.get(PAGE))
    assert theirs.get("/w/programs/d/program?program=rn").status_code == 404


@pytest.mark.parametrize(
    "form", [{"key": "nope"}, {"entity": "school", "key": "business"}, {"entity": "nope"}, {"entity": "lead"}]
)
def test_what_cannot_be_archived_is_not_found(held: Cast, form: dict[str, str]) -> None:
    assert browser(held.owner).post(ASK, {**FORM, **form}).status_code == 404


def test_a_form_from_elsewhere_is_refused(held: Cast) -> None:
    mine = browser(held.owner, enforce_csrf_checks=True)
    assert mine.post(ASK, FORM).status_code == 403
    page = mine.get(PAGE)
    token = mine.get(ASK, FORM).context["csrf_token"]
    assert page.status_code == 200
    assert mine.post(ASK, {**FORM, "csrfmiddlewaretoken": str(token)}).status_code == 302
