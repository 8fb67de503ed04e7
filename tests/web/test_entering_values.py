"""Values entered through pages: looked at before → after, confirmed, on record; others learn and change nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.http import HttpResponse
from page_audit import problems_of

from cast import Cast, cast, home
from held_home import browser, held
from sightline.ingest.actions.enter_values import enter_values
from sightline.ingest.entries import current_row
from sightline.ingest.models import ManualEntry

__all__ = ["cast", "held", "home"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-8", "PRG-1.8")]
ENTER = "/w/programs/data/programs/enter"
ENTRIES = "/w/programs/data/programs/entries"


def words(response: HttpResponse) -> str:
    return response.content.decode()


def carried(response: HttpResponse) -> dict[str, str]:
    """Return the hidden inputs of the preview."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', words(response))
    return {name: value.replace("&quot;", '"') for name, value in found if name != "csrfmiddlewaretoken"}


def tuition(held: Cast) -> str | None:
    row = current_row(access=held.access(held.owner), dataset="programs", key=("mba",))
    assert row is not None
    return row["tuition"]


def test_a_row_is_loaded_by_its_key_changed_looked_at_and_entered(held: Cast) -> None:
    mine = browser(held.owner)
    assert "Which row first" in words(mine.get(ENTER))
    form = words(mine.get(ENTER, {"program_id": "mba"}))
    assert problems_of(form) == []
    assert 'name="v:tuition" value="30000"' in form
    assert '<option value="business">Business</option>' in form
    piece = words(mine.get(ENTER, {"k:program_id": "mba"}, headers={"HX-Request": "true"}))
    assert "<html" not in piece
    assert 'value="30000"' in piece
    typed = {"how": "row", "do": "preview", "k:program_id": "mba", "v:tuition": "31000", "w:tuition": "30000"}
    looked = mine.post(ENTER, typed)
    assert problems_of(words(looked)) == []
    assert "30000 → <b>31000</b>" in words(looked)
    assert tuition(held) == "30000"
    unsaid = mine.post(ENTER, {**carried(looked), "do": "confirm", "reason": " "})
    assert unsaid.status_code == 400
    assert "31000" in words(unsaid)
    again = mine.post(ENTER, {**carried(looked), "do": "edit"})
    assert 'name="v:tuition" value="31000"' in words(again)
    assert 'name="w:tuition" value="30000"' in words(again)
    done = mine.post(ENTER, {**carried(looked), "do": "confirm", "reason": "the new price list"}, follow=True)
    assert tuition(held) == "31000"
    for expected in ("1 row entered", "the new price list", "owner@cast.test", "30000 → <b>31000</b>"):
        assert expected in words(done)
    assert problems_of(words(done)) == []


def test_only_what_was_typed_over_is_entered(held: Cast) -> None:
    mine = browser(held.owner)
    same = {"how": "row", "do": "preview", "k:program_id": "mba", "v:tuition": "30000", "w:tuition": "30000"}
    assert "No value was changed" in words(mine.post(ENTER, same))
    row = {"program_id": "mba", "name": "Master"}
    enter_values(access=held.access(held.owner), dataset="programs", rows=[row], reason="x", now=datetime.now(UTC))
    looked = mine.post(ENTER, {**same, "v:tuition": "1", "v:name": "MBA", "w:name": "MBA"})
    assert carried(looked)["rows"] == '[{"program_id":"mba","tuition":"1"}]'


def test_what_somebody_else_changed_since_is_shown_before_it_is_overwritten(held: Cast) -> None:
    mine = browser(held.owner)
    typed = {"how": "row", "do": "preview", "k:program_id": "mba", "v:tuition": "31000", "w:tuition": "30000"}
    looked = mine.post(ENTER, typed)
    row = {"program_id": "mba", "tuition": "5"}
    enter_values(access=held.access(held.owner), dataset="programs", rows=[row], reason="x", now=datetime.now(UTC))
    late = mine.post(ENTER, {**carried(looked), "do": "confirm", "reason": "y"})
    assert late.status_code == 400
    assert "Somebody changed these rows since you looked" in words(late)
    assert "5 → <b>31000</b>" in words(late)
    assert tuition(held) == "5"
    assert mine.post(ENTER, {**carried(late), "do": "confirm", "reason": "y"}).status_code == 302
    assert tuition(held) == "31000"


def test_a_table_from_a_spreadsheet_is_read_changed_and_entered(held: Cast) -> None:
    mine = browser(held.owner)
    table = "Program Code\tProgram Name\tPrice\r\nmba\t\t32000\r\nrn\tNursing BSc\t\r\n"
    read = words(mine.post(ENTER, {"how": "grid", "do": "read", "table": table}))
    assert problems_of(read) == []
    assert 'name="c:1:tuition" value="32000"' in read
    cells = dict(re.findall(r'<input class="in" name="(c:[^"]+)" value="([^"]*)"', read))
    names = re.findall(r'name="column" value="([^"]+)"', read)
    looked = mine.post(
        ENTER, {"how": "grid", "do": "preview", "column": names, **cells, "c:1:tuition": "33000", "reason": "list"}
    )
    assert "30000 → <b>33000</b>" in words(looked)
    assert "Nursing → <b>Nursing BSc</b>" in words(looked)
    assert mine.post(ENTER, {**carried(looked), "do": "confirm", "reason": "list"}).status_code == 302
    assert tuition(held) == "33000"
    assert ManualEntry.objects.filter(workspace="programs").count() == 2


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("", "nothing to read"),
        ("Program\tColour\nmba\tred", "no column &quot;Colour&quot;"),
        ("Name\nMBA", "lacks what tells its rows apart"),
        ("Program\tTuition\nmba\t1\t2", "row 1 has 3 values"),
        ("Program\tProgram\nmba\tmba", "is there twice"),
    ],
)
def test_a_table_that_does_not_fit_is_told_and_kept(held: Cast, table: str, told: str) -> None:
    response = browser(held.owner).post(ENTER, {"how": "grid", "do": "read", "table": table})
    assert response.status_code == 400
    assert told in words(response)
    assert (table.partition("\n")[2] or "") in words(response)


def test_one_bad_cell_stops_the_whole_and_the_grid_stays(held: Cast) -> None:
    cells = {"c:1:program_id": "mba", "c:1:tuition": "1", "c:2:program_id": "rn", "c:2:tuition": "<b>much</b>"}
    form = {"how": "grid", "do": "preview", "column": ["program_id", "tuition"], **cells}
    response = browser(held.owner).post(ENTER, form)
    assert response.status_code == 400
    assert "Tuition is not a" in words(response)
    assert 'value="&lt;b&gt;much&lt;/b&gt;"' in words(response)
    assert "<b>much</b>" not in words(response)
    assert tuition(held) == "30000"


def test_hundreds_of_rows_stay_text(held: Cast) -> None:
    mine = browser(held.owner)
    table = "program_id\tname\tschool_id\tlevel\n" + "".join(f"p{n}\tP{n}\tbusiness\tdegree\n" for n in range(300))
    read = words(mine.post(ENTER, {"how": "grid", "do": "read", "table": table}))
    assert "300 rows are more than the grid takes" in read
    looked = mine.post(ENTER, {"how": "grid", "do": "preview", "table": table})
    assert "300 rows, not entered yet" in words(looked)
    assert mine.post(ENTER, {**carried(looked), "do": "confirm", "reason": "opening"}).status_code == 302
    assert current_row(access=held.access(held.owner), dataset="programs", key=("p299",)) is not None


@pytest.mark.parametrize("who", ["analyst", "viewer", "partner", "stranger"])
def test_others_neither_enter_nor_read_what_was_entered(held: Cast, who: str) -> None:
    row = {"program_id": "mba", "tuition": "31000"}
    enter_values(
        access=held.access(held.owner), dataset="programs", rows=[row], reason="secret reason", now=datetime.now(UTC)
    )
    theirs = browser(getattr(held, who))
    assert theirs.get(ENTER, {"program_id": "mba"}).status_code in (403, 404)
    rows = '[{"program_id":"mba","tuition":"1"}]'
    for do in ("preview", "confirm"):
        form = {"how": "row", "do": do, "rows": rows, "mark": "x", "reason": "x"}
        assert theirs.post(ENTER, form).status_code in (403, 404)
    assert tuition(held) == "31000"
    seen = theirs.get(ENTRIES)
    if who == "analyst":  # sees every program, and programs hold no personal data
        assert "secret reason" in words(seen)
        assert theirs.get("/w/programs/data/leads/entries").status_code == 403
    else:
        assert seen.status_code in (403, 404)
        assert "secret reason" not in words(seen)


def test_a_form_from_elsewhere_is_refused(held: Cast) -> None:
    mine = browser(held.owner, enforce_csrf_checks=True)
    form = {"how": "row", "do": "confirm", "rows": '[{"program_id":"mba","tuition":"1"}]', "reason": "x"}
    assert mine.post(ENTER, form).status_code == 403
    assert tuition(held) == "30000"


@pytest.mark.parametrize("rows", ["", "{", "[1]", '[{"program_id": 3}]', "[]"])
def test_a_confirmation_that_is_not_ours_enters_nothing(held: Cast, rows: str) -> None:
    response = browser(held.owner).post(ENTER, {"how": "row", "do": "confirm", "rows": rows, "reason": "x"})
    assert response.status_code == 400
    assert not ManualEntry.objects.exists()
