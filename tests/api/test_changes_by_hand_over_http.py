"""Held rows, values by hand and archiving over HTTP: scopes, permissions, row policy and masks hold as on pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from api_client import Api, body_of
from django.http import HttpResponse
from pytest_django import Settings

from cast import Cast, cast, home
from held_home import held, import_text, rows_of
from sightline.accounts.actions.create_token import create_token
from sightline.accounts.models import AuditEntry
from sightline.api.limits import LIMITS
from sightline.ingest.entries import current_row
from sightline.metrics.members import members
from sightline.metrics.warehouse import warehouse_of

__all__ = ["cast", "held", "home"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-1.3", "PRG-1.8", "PRG-8")]
W = "/workspaces/programs"
As = Callable[..., Api]


@pytest.fixture
def api(held: Cast, settings: Settings) -> As:
    """Return a function from a person of the cast and scopes to the API as that person."""
    settings.ROOT_URLCONF = "api_only_urls"
    LIMITS.reset()

    def calls(name: str, *scopes: str) -> Api:
        made = create_token(
            user=getattr(held, name),
            name="test",
            scopes=scopes or ("read", "import", "admin"),
            expires_at=None,
            now=datetime.now(UTC),
            by_operator=True,
        )
        return Api(made.secret)

    return calls


def names(held: Cast, *leads: str) -> list[dict[str, Any]]:
    rows = rows_of(held)
    return [{"run": rows[each].run, "row": rows[each].row} for each in leads]


def refused(response: HttpResponse) -> bool:
    """Return whether the answer is a problem document that refuses."""
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code in (403, 404) and body_of(response)["code"].startswith("SL-E")


def test_held_rows_are_listed_and_filtered(api: As) -> None:
    mine = api("owner", "import")
    found = body_of(mine.get(f"{W}/quarantine/leads", check="type"))
    assert found["total"] == 1
    (row,) = found["rows"]
    assert (row["reasons"], row["value"]) == (["Inquired at is not a timestamp"], "someday")
    assert row["record"]["email"] == "c@x.test"
    theirs = api("analyst", "import").get(f"{W}/quarantine/leads")
    assert body_of(theirs)["total"] == 3
    assert "x.test" not in theirs.content.decode()
    assert {each["record"] for each in body_of(theirs)["rows"]} == {None}
    assert refused(api("owner", "read").get(f"{W}/quarantine/leads"))


def test_rows_are_tried_again_by_a_token_that_imports(api: As, held: Cast, tmp_path: Path) -> None:
    import_text(held, tmp_path, "programs", "program_id,school_id,name,level\nlaw,business,Law,degree\n")
    done = body_of(api("owner", "import").post(f"{W}/quarantine/leads/replay", {"rows": names(held, "l2", "l3")}))
    assert (done["released"], done["held_again"], done["reasons"]) == (1, 1, ["Inquired at is not a timestamp"])
    assert set(rows_of(held)) == {"l3", "l4"}


def test_a_row_is_fixed_released_discarded_by_a_token_of_an_admin(api: As, held: Cast) -> None:
    mine = api("owner", "admin")
    (row,) = names(held, "l3")
    fixed = mine.post(f"{W}/quarantine/leads/fix", {**row, "values": {"created_at": "2026-01-05"}, "reason": "typo"})
    assert body_of(fixed)["released"] == 1
    released = mine.post(f"{W}/quarantine/leads/release", {"rows": names(held, "l4"), "reason": "known"})
    assert body_of(released)["released"] == 1
    gone = mine.post(f"{W}/quarantine/leads/discard", {"rows": names(held, "l2"), "reason": "test"})
    assert body_of(gone)["discarded"] == 1
    assert rows_of(held) == {}
    assert mine.post(f"{W}/quarantine/leads/discard", {"rows": [row]}).status_code == 422
    entry = AuditEntry.objects.filter(verb="released rows").latest("id")
    assert entry.actor.startswith("owner@cast.test (token ")


@pytest.mark.parametrize(
    ("who", "scopes"),
    [
        ("owner", ("import",)),
        ("owner", ("read",)),
        ("analyst", ("admin",)),
        ("viewer", ("admin",)),
        ("partner", ("admin",)),
        ("stranger", ("admin",)),
    ],
)
def test_nobody_else_changes_anything(api: As, held: Cast, who: str, scopes: tuple[str, ...]) -> None:
    theirs = api(who, *scopes)
    (row,) = names(held, "l3")
    rows = {"rows": names(held, "l2", "l4"), "reason": "x"}
    calls = {
        "/quarantine/leads/release": rows,
        "/quarantine/leads/discard": rows,
        "/quarantine/leads/fix": {**row, "values": {"created_at": "2026-01-05"}},
        "/datasets/programs/entries": {"rows": [{"program_id": "mba", "tuition": 1}], "reason": "x"},
        "/members/program/mba/archive": {"reason": "x"},
    }
    if scopes != ("import",):
        calls["/quarantine/leads/replay"] = rows
    for path, body in calls.items():
        assert refused(theirs.post(f"{W}{path}", body)), path
    assert set(rows_of(held)) == {"l2", "l3", "l4"}
    assert tuition(held) == "30000"
    assert "mba" in offered(held)


def tuition(held: Cast) -> str | None:
    row = current_row(access=held.access(held.owner), dataset="programs", key=("mba",))
    assert row is not None
    return row["tuition"]


def offered(held: Cast) -> list[str | None]:
    viewer = held.access(held.owner).viewer
    return [each.key for each in members("program", viewer, warehouse=warehouse_of(held.folder))]


def test_values_are_looked_at_and_entered(api: As, held: Cast) -> None:
    mine = api("owner", "admin")
    body = {"rows": [{"program_id": "mba", "tuition": 31000.5}], "effective_on": "2026-02-01"}
    looked = body_of(mine.post(f"{W}/datasets/programs/entries", {**body, "dry_run": True}))
    assert looked["snapshot"] is None
    change = {"key": {"program_id": "mba"}, "before": {"tuition": "30000"}, "after": {"tuition": "31000.5"}}
    assert looked["changes"] == [change]
    unsaid = mine.post(f"{W}/datasets/programs/entries", body)
    assert (unsaid.status_code, body_of(unsaid)["code"]) == (400, "SL-E380")
    done = body_of(mine.post(f"{W}/datasets/programs/entries", {**body, "reason": "list"}))
    assert done["snapshot"] == held.folder.lake.snapshot().id
    listed = body_of(api("owner", "read").get(f"{W}/datasets/programs/entries"))
    assert listed["total"] == 1
    (entry,) = listed["entries"]
    assert (entry["reason"], entry["effective_on"], entry["before"]) == ("list", "2026-02-01", {"tuition": "30000"})
    wrong = mine.post(f"{W}/datasets/programs/entries", {"rows": [{"program_id": "mba", "cost": 1}], "reason": "x"})
    assert (wrong.status_code, body_of(wrong)["code"]) == (400, "SL-E382")
    for who, status in (("analyst", 200), ("viewer", 403), ("partner", 403), ("stranger", 404)):
        theirs = api(who, "read").get(f"{W}/datasets/programs/entries")
        assert theirs.status_code == status
    assert refused(api("analyst", "read").get(f"{W}/datasets/leads/entries"))


def test_a_member_is_archived_and_restored(api: As, held: Cast) -> None:
    mine = api("owner", "admin")
    done = mine.post(f"{W}/members/program/mba/archive", {"reason": "no intake"})
    assert body_of(done)["changes"][0]["after"] == {"archived": "true"}
    assert "mba" not in offered(held)
    mine.post(f"{W}/members/program/mba/archive", {"archived": False, "reason": "back"})
    assert "mba" in offered(held)
    unknown = mine.post(f"{W}/members/program/nope/archive", {"reason": "x"})
    assert unknown.status_code == 404
    never = mine.post(f"{W}/members/school/business/archive", {"reason": "x"})
    assert (never.status_code, body_of(never)["code"]) == (400, "SL-E383")
