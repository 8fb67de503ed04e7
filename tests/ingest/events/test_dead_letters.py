"""Dead letters: listed, looked at by those who may, put back, let go; over the API and on the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from django.test import Client

from events_sender import NOW
from sightline.accounts.access import open_workspace
from sightline.accounts.actions.create_token import create_token
from sightline.accounts.models import AuditEntry, User
from sightline.errors import Conflict, NotAllowed, NotFound
from sightline.home import WorkspaceFolder
from sightline.ingest.events import dead_letters
from sightline.ingest.events.body import content_of
from sightline.ingest.events.flush import flush_all
from sightline.ingest.events.receive import keep
from sightline.ingest.models import DataEvent, InboxBatch, Source

pytestmark = [pytest.mark.req("PLT-2", "AUT-8.2"), pytest.mark.django_db]
Make = Callable[..., Source]
Person = Callable[[str], User]


@pytest.fixture
def shop(source: Make) -> Source:
    """Return a source with three dead letters."""
    made = source("shop", signup="signups", contact="contacts")
    for number in range(3):
        body = orjson.dumps({"event": "refund", "id": f"r{number}", "email": "a@x.test"})
        keep(content_of(body, content_type="", encoding=""), source=made.pk, key=f"k{number}", now=NOW)
    flush_all(now=NOW)
    assert InboxBatch.objects.filter(state="dead").count() == 3
    return made


def test_dead_letters_are_listed_and_one_is_shown_whole(shop: Source, person: Person) -> None:
    access = open_workspace(person("admin"), "small")
    found = dead_letters.dead_letters(access=access, source="shop", page=1, page_size=2)
    assert ([letter.key for letter in found.letters], found.total, found.shows_bodies) == (["k2", "k1"], 3, True)
    assert {letter.body for letter in found.letters} == {""}
    one = dead_letters.dead_letter(access=access, source="shop", letter=found.letters[0].id)
    assert orjson.loads(one.body)["email"] == "a@x.test"
    assert 'no stream "refund"' in one.problem


def test_bodies_are_kept_from_those_who_see_personal_data_masked(shop: Source, person: Person) -> None:
    access = open_workspace(person("masked"), "small")
    found = dead_letters.dead_letters(access=access, source="shop")
    assert (found.total, found.shows_bodies) == (3, False)
    with pytest.raises(NotAllowed, match="unmasked"):
        dead_letters.dead_letter(access=access, source="shop", letter=found.letters[0].id)
    with pytest.raises(NotAllowed):
        dead_letters.dead_letters(access=open_workspace(person("reader"), "small"), source="shop")


def test_a_letter_put_back_is_stored_once_the_cause_is_mended(
    shop: Source, person: Person, rows: Callable[..., list[dict[str, Any]]], folder: WorkspaceFolder
) -> None:
    access = open_workspace(person("admin"), "small")
    shop.spec["streams"]["refund"] = {"dataset": "signups"}
    shop.save()
    for letter in InboxBatch.objects.order_by("pk"):
        dead_letters.replay(access=access, source="shop", letter=letter.pk, now=NOW)
    flush_all(now=NOW)
    assert [row["event_id"] for row in rows("signups")] == ["r0", "r1", "r2"]
    assert not DataEvent.objects.filter(ended_at=None).exists()
    assert AuditEntry.objects.filter(verb="dead letter replayed", actor="admin@example.org").count() == 3
    with pytest.raises(Conflict):
        dead_letters.replay(access=access, source="shop", letter=letter.pk, now=NOW)


def test_letters_of_which_nothing_was_stored_are_stored_together_however_they_came(
    source: Make, person: Person, rows: Callable[..., list[dict[str, Any]]]
) -> None:
    """One commit each made a replay of some thousands take many minutes."""
    made = source("shop", signup="signups", contact="contacts")
    for number in range(40):
        body = orjson.dumps({"event": "signup" if number % 10 == 0 else "refund", "id": f"r{number:02}"})
        keep(content_of(body, content_type="", encoding=""), source=made.pk, key=f"k{number}", now=NOW)
        if number % 4 == 3:
            flush_all(now=NOW)
    assert InboxBatch.objects.filter(state="dead").count() == 36
    made.spec["streams"]["refund"] = {"dataset": "signups"}
    made.save()
    access = open_workspace(person("admin"), "small")
    assert dead_letters.replay_all(access=access, source="shop", now=NOW) == 36
    assert [(done.batches, done.records) for done in flush_all(now=NOW)] == [(36, 36)]
    assert [row["event_id"] for row in rows("signups")] == [f"r{number:02}" for number in range(40)]


def test_a_letter_is_let_go_with_a_reason_and_its_key_stays_known(shop: Source, person: Person) -> None:
    access = open_workspace(person("admin"), "small")
    letter = InboxBatch.objects.get(key="k1")
    with pytest.raises(NotAllowed):
        dead_letters.discard(access=access, source="shop", letter=letter.pk, reason=" ", now=NOW)
    dead_letters.discard(access=access, source="shop", letter=letter.pk, reason="sent by mistake", now=NOW)
    letter.refresh_from_db()
    assert (letter.state, letter.body, letter.problem) == ("done", None, "discarded: sent by mistake")
    entry = AuditEntry.objects.get(verb="dead letter discarded")
    assert entry.detail == {"letter": letter.pk, "reason": "sent by mistake"}
    assert DataEvent.objects.get(ended_at=None).detail == {"dead_letters": 2}
    with pytest.raises(NotFound):
        dead_letters.dead_letter(access=access, source="shop", letter=letter.pk)


def test_the_same_over_the_api(shop: Source, person: Person) -> None:
    user = person("admin")
    token = create_token(
        user=user, name="x", scopes=["admin"], expires_at=None, now=datetime.now(UTC), by_operator=True
    ).secret
    client, to = Client(), "/api/v1/workspaces/small/sources/shop/dead-letters"
    headers = {"Authorization": f"Bearer {token}"}
    listed = client.get(to, headers=headers).json()
    assert (listed["total"], listed["letters"][0]["key"]) == (3, "k2")
    first, second, third = (f"{to}/{letter['id']}" for letter in listed["letters"])
    assert "r2" in client.get(first, headers=headers).json()["body"]
    assert client.post(f"{first}/replay", headers=headers).status_code == 202
    assert client.post(f"{first}/replay", headers=headers).status_code == 409
    told = client.post(f"{second}/discard", {"reason": "old"}, content_type="application/json", headers=headers)
    assert told.status_code == 204
    nothing = client.post(f"{third}/discard", {"reason": ""}, content_type="application/json", headers=headers)
    assert nothing.status_code == 422
    assert client.get(to, headers=headers).json()["total"] == 1
    assert client.post(f"{to}/replay", headers=headers).json() == {"replayed": 1}
    assert client.get(to, headers=headers).json()["total"] == 0
    assert client.get(to.replace("shop", "none"), headers=headers).status_code == 404


def test_the_page_shows_them_and_its_forms_deal_with_them(shop: Source, person: Person) -> None:
    to = "/w/small/data/sources/shop/dead-letters"
    client = Client()
    client.force_login(person("admin"))
    shown = client.get(to).content.decode()
    assert shown.count("data-row") == 3
    letter = InboxBatch.objects.get(key="k0").pk
    assert "a@x.test" in client.get(to, {"letter": letter}).content.decode()
    assert AuditEntry.objects.filter(verb="dead letter seen").count() == 1
    assert client.post(to, {"do": "discard", "letter": letter, "reason": ""}).status_code == 400
    assert client.post(to, {"do": "discard", "letter": letter, "reason": "a test"}).status_code == 302
    assert client.post(to, {"do": "replay", "letter": InboxBatch.objects.get(key="k1").pk}).status_code == 302
    assert client.get(to).content.decode().count("data-row") == 1
    flush_all(now=NOW)  # not mended: it is back
    assert client.post(to, {"do": "replay all"}).status_code == 302
    flush_all(now=NOW)
    masked = Client()
    masked.force_login(person("masked"))
    seen = masked.get(to, {"letter": InboxBatch.objects.get(key="k2").pk}).content.decode()
    assert "Bodies are hidden" in seen
    assert "a@x.test" not in seen
    reader = Client()
    reader.force_login(person("reader"))
    assert reader.get(to).status_code == 403
