"""A number tells which of its rows people entered or mended: to those who may see all of them, to nobody else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.http import HttpResponse
from page_audit import problems_of

from cast import Cast, cast, home
from held_home import browser, held, rows_of
from sightline.ingest.actions.enter_values import enter_values
from sightline.ingest.actions.settle_held import fix_row
from sightline.lake.settle import RowId

__all__ = ["cast", "held", "home"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-8", "PRG-1.8")]
EXPLAIN = "/w/programs/explain"
NOW = datetime.now(UTC)


def words(response: HttpResponse) -> str:
    return response.content.decode()


def enter_lead(held: Cast, lead: str = "l9", program: str = "mba") -> None:
    row = {"lead_id": lead, "program_id": program, "email": "z@x.test", "created_at": f"{NOW:%Y-%m}-01"}
    enter_values(access=held.access(held.owner), dataset="leads", rows=[row], reason="told by phone", now=NOW)


def test_the_explanation_says_how_many_rows_were_entered_and_why(held: Cast) -> None:
    mine = browser(held.owner)
    asked = {"metric": "inquiries", "period": "all_time"}
    assert "By hand" not in words(mine.get(EXPLAIN, asked))
    enter_lead(held)
    text = words(mine.get(EXPLAIN, asked))
    assert problems_of(text) == []
    for expected in ("1 row behind this figure was entered by hand", "told by phone", "owner@cast.test", "mba"):
        assert expected in text
    assert "z@x.test" not in text
    drawer = words(mine.get(EXPLAIN, asked, headers={"HX-Request": "true"}))
    assert "entered by hand" in drawer


def test_only_rows_behind_this_number_count(held: Cast) -> None:
    enter_lead(held)
    mine = browser(held.owner)
    assert "entered by hand" in words(
        mine.get(EXPLAIN, {"metric": "inquiries", "period": "all_time", "program": "mba"})
    )
    other = words(mine.get(EXPLAIN, {"metric": "inquiries", "period": "all_time", "program": "rn"}))
    assert "By hand" not in other
    before = words(mine.get(EXPLAIN, {"metric": "inquiries", "from": "2020-01-01", "to": "2020-02-01"}))
    assert "By hand" not in before


def test_a_ratio_tells_of_the_rows_of_all_its_parts(held: Cast) -> None:
    enter_lead(held)
    row = {"spent_on": f"{NOW:%Y-%m}-01", "program_id": "mba", "channel": "email", "amount": "12.50"}
    enter_values(access=held.access(held.owner), dataset="spend", rows=[row], reason="invoice", now=NOW)
    text = words(browser(held.owner).get(EXPLAIN, {"metric": "cpl", "period": "all_time"}))
    assert "2 rows behind this figure were entered by hand" in text
    assert "invoice" in text


def test_a_mended_row_is_told_apart(held: Cast) -> None:
    row = rows_of(held)["l3"]
    access = held.access(held.owner)
    values = {"created_at": f"{NOW:%Y-%m}-01"}
    fix_row(access=access, dataset="leads", row=RowId(row.run, row.row), values=values, now=NOW)
    text = words(browser(held.owner).get(EXPLAIN, {"metric": "inquiries", "period": "all_time"}))
    assert "1 row behind this figure was mended in quarantine" in text
    assert "entered by hand" not in text


@pytest.mark.parametrize("who", ["analyst", "viewer", "partner"])
def test_whoever_sees_less_learns_nothing(held: Cast, who: str) -> None:
    enter_lead(held)
    text = words(browser(getattr(held, who)).get(EXPLAIN, {"metric": "inquiries", "period": "all_time"}))
    assert "Formula" in text
    assert "By hand" not in text
    assert "told by phone" not in text


def test_a_row_has_a_way_to_its_correction_for_those_who_may(held: Cast) -> None:
    rows = "/w/programs/rows"
    mine = words(browser(held.owner).get(rows, {"dataset": "leads"}))
    assert "/w/programs/data/leads/enter?k%3Alead_id=l1" in mine
    assert problems_of(mine) == []
    assert "/enter" not in words(browser(held.partner).get(rows, {"dataset": "leads"}))
