"""Held rows on their page: who sees them, which are shown, and what each of the cast may do with them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from page_audit import problems_of

from cast import Cast, cast, home
from held_home import SCRIPT, browser, held, import_text, picks_of, rows_of
from sightline.accounts.models import AuditEntry, Membership

__all__ = ["cast", "held", "home"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-1.3")]
W = "/w/programs/data/quarantine"
SETTLE = f"{W}/settle"


def address(cast: Cast, lead: str) -> dict[str, Any]:
    row = rows_of(cast)[lead]
    return {"query_params": {"dataset": "leads", "run": row.run, "row": str(row.row)}}


def words(response: HttpResponse) -> str:
    return response.content.decode()


def test_every_row_is_shown_with_its_reason_its_origin_and_a_way_on(held: Cast) -> None:
    text = words(browser(held.owner).get(W))
    assert problems_of(text) == []
    for expected in (
        "No such program",
        "leads.csv",
        "Inquired at is not a timestamp",
        ">law<",
        "Release selected",
        "l3",
    ):
        assert expected in text
    assert "3 rows kept out" in text


def test_filters_and_pages_are_in_the_address(held: Cast) -> None:
    mine = browser(held.owner)
    text = words(mine.get(W, {"dataset": "leads", "check": "references"}))
    assert "1 of 3 rows match" in text
    assert ">l2<" in text
    assert ">l3<" not in text
    assert "1 of 3 rows match" in words(mine.get(W, {"dataset": "leads", "q": "NO SUCH"}))
    assert "Nothing matches" in words(mine.get(W, {"dataset": "leads", "q": "%"}))
    run = rows_of(held)["l2"].run
    assert "3 of 3 rows match" in words(mine.get(W, {"dataset": "leads", "run": run}))
    assert "There is no such page" in words(mine.get(W, {"dataset": "leads", "page": "9"}))
    swapped = words(mine.get(W, {"dataset": "leads", "check": "type"}, headers={"HX-Request": "true"}))
    assert "<html" not in swapped
    assert ">l3<" in swapped


def test_a_raw_record_cannot_speak_to_the_browser(held: Cast) -> None:
    mine = browser(held.owner)
    text = words(mine.get(f"{W}/row", **address(held, "l3")))
    assert problems_of(text) == []
    assert SCRIPT not in text
    assert "&lt;script&gt;" in text
    assert SCRIPT not in words(mine.get(W, {"dataset": "leads", "q": SCRIPT}))


def test_a_mended_row_is_released_and_the_form_keeps_what_was_typed(held: Cast) -> None:
    mine, row = browser(held.owner), address(held, "l3")
    wrong = mine.post(f"{W}/row", {"v:created_at": "soon", "do": "fix"}, **row)
    assert wrong.status_code == 400
    assert 'value="soon"' in words(wrong)
    assert "It would be held again" in words(wrong)
    looked = mine.post(f"{W}/row", {"v:created_at": "2026-01-05", "do": "check"}, **row)
    assert "It would pass every check" in words(looked)
    assert set(rows_of(held)) == {"l2", "l3", "l4"}
    done = mine.post(f"{W}/row", {"v:created_at": "2026-01-05", "do": "fix", "reason": "from the form"}, **row)
    assert done.status_code == 302
    assert set(rows_of(held)) == {"l2", "l4"}
    shown = words(mine.get(done["Location"]))
    assert "1 row released" in shown
    assert "1 row released" not in words(mine.get(done["Location"]))
    past = words(mine.get(W, {"dataset": "leads", "tab": "history"}))
    assert problems_of(past) == []
    for expected in ("Fixed a row", "from the form", "someday", "2026-01-05", "owner@cast.test"):
        assert expected in past
    assert mine.get(f"{W}/row", **row).status_code == 404


def test_nothing_is_stored_when_nothing_was_changed(held: Cast) -> None:
    response = browser(held.owner).post(f"{W}/row", {"v:lead_id": "l3", "do": "fix"}, **address(held, "l3"))
    assert response.status_code == 400
    assert "No value was changed" in words(response)


def test_rows_are_tried_again_once_the_cause_is_mended(held: Cast, tmp_path: Path) -> None:
    mine = browser(held.owner)
    picks = picks_of(held, "l2", "l3")
    asked = words(mine.get(SETTLE, {"dataset": "leads", "do": "replay", "pick": picks}))
    assert problems_of(asked) == []
    assert "Try these rows again?" in asked
    import_text(held, tmp_path, "programs", "program_id,school_id,name,level\nlaw,business,Law,degree\n")
    done = mine.post(SETTLE, {"dataset": "leads", "do": "replay", "pick": picks}, follow=True)
    assert "1 row released, 1 row held again" in words(done)
    assert "Inquired at is not a timestamp" in words(done)
    assert set(rows_of(held)) == {"l3", "l4"}


def test_a_release_and_a_discard_need_a_reason_and_say_what_they_do(held: Cast) -> None:
    mine = browser(held.owner)
    form = {"dataset": "leads", "do": "release", "pick": picks_of(held, "l3", "l4")}
    asked = words(mine.get(SETTLE, form, headers={"HX-Request": "true"}))
    assert "overrides the checks" in asked
    assert "1 of them cannot be released" in asked
    refused = mine.post(SETTLE, form)
    assert refused.status_code == 400
    assert "a reason is needed" in words(refused)
    done = mine.post(SETTLE, {**form, "reason": "known"}, headers={"HX-Request": "true"})
    assert done["HX-Redirect"] == f"{W}?dataset=leads"
    assert set(rows_of(held)) == {"l2", "l3"}
    gone = mine.post(SETTLE, {"dataset": "leads", "do": "discard", "pick": picks_of(held, "l2"), "reason": "test"})
    assert gone.status_code == 302
    assert set(rows_of(held)) == {"l3"}
    assert "No rows are chosen" in words(mine.get(SETTLE, {"dataset": "leads", "do": "discard"}))
    assert mine.post(SETTLE, {"dataset": "leads", "do": "explode", "pick": picks_of(held, "l3")}).status_code == 400


@pytest.mark.parametrize("who", ["analyst", "viewer", "partner", "stranger"])
def test_without_the_permission_nothing_happens(held: Cast, who: str) -> None:
    theirs, row = browser(getattr(held, who)), address(held, "l3")
    picks = picks_of(held, "l2", "l4")
    for deed in ("replay", "release", "discard"):
        form = {"dataset": "leads", "do": deed, "pick": picks, "reason": "x"}
        assert theirs.get(SETTLE, form).status_code in (403, 404)
        assert theirs.post(SETTLE, form).status_code in (403, 404)
    assert theirs.post(f"{W}/row", {"v:created_at": "2026-01-05", "do": "fix"}, **row).status_code in (403, 404)
    assert set(rows_of(held)) == {"l2", "l3", "l4"}
    seen = theirs.get(W)
    if who != "analyst":
        assert seen.status_code in (403, 404)
        for other in (f"{W}/row", "/w/programs/export-quarantine.csv"):
            assert theirs.get(other, **row).status_code in (403, 404)
        return
    for text in (words(seen), words(theirs.get(f"{W}/row", **row))):
        assert problems_of(text) == []
        assert "x.test" not in text
        assert "someday" not in text
        assert "Records are hidden" in text or "your role masks personal data" in text
        assert 'name="pick"' not in text
    assert "Release" not in words(seen)


def test_a_file_has_what_is_shown_and_no_record_for_those_with_masks(held: Cast) -> None:
    mine = browser(held.owner).get("/w/programs/export-quarantine.csv", {"dataset": "leads", "check": "type"})
    (line,) = csv.DictReader(io.StringIO(mine.content.decode("utf-8-sig")))
    assert (line["Reason"], line["Value"]) == ("Inquired at is not a timestamp", "someday")
    assert "c@x.test" in line["Record"]
    theirs = browser(held.analyst).get("/w/programs/export-quarantine.csv", {"dataset": "leads"})
    assert b"x.test" not in theirs.content
    assert b"someday" not in theirs.content
    assert len(theirs.content.splitlines()) == 4
    assert browser(held.owner).get("/w/programs/export-quarantine.xlsx", {"dataset": "leads"}).content[:2] == b"PK"
    assert AuditEntry.objects.filter(verb="exported", object="quarantine of leads").count() == 3


def test_a_form_from_elsewhere_is_refused(held: Cast) -> None:
    mine = browser(held.owner, enforce_csrf_checks=True)
    form = {"dataset": "leads", "do": "discard", "pick": picks_of(held, "l2"), "reason": "x"}
    assert mine.post(SETTLE, form).status_code == 403
    assert mine.post(f"{W}/row", {"v:created_at": "2026-01-05", "do": "fix"}, **address(held, "l3")).status_code == 403
    assert set(rows_of(held)) == {"l2", "l3", "l4"}


def test_looking_as_somebody_else_changes_nothing(held: Cast) -> None:
    mine = browser(held.owner)
    mine.post("/w/programs/view-as", {"role": "leadership"})
    form = {"dataset": "leads", "do": "discard", "pick": picks_of(held, "l2"), "reason": "x"}
    assert mine.post(SETTLE, form).status_code == 403
    assert "l2" in rows_of(held)
    assert Membership.objects.filter(user=held.owner).exists()
