"""The way in, the way out, and forgotten passwords."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from sightline.accounts.models import AuditEntry, User

As = Callable[[str], Client]
PASSWORD = "a long enough sentence"


def test_signing_in_leads_to_where_the_person_was_going(people: dict[str, User]) -> None:
    response = Client().post(
        "/sign-in", {"email": "Lead@example.org", "password": PASSWORD, "next": "/w/demo/d/funnel?period=last_month"}
    )
    assert response.status_code == 302
    assert response["Location"] == "/w/demo/d/funnel?period=last_month"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_never_leads_elsewhere(people: dict[str, User], elsewhere: str) -> None:
    response = Client().post("/sign-in", {"email": "lead@example.org", "password": PASSWORD, "next": elsewhere})
    assert response["Location"] == "/"


def test_a_wrong_password_and_an_unknown_address_look_the_same(people: dict[str, User]) -> None:
    wrong = Client().post("/sign-in", {"email": "lead@example.org", "password": "no"})
    unknown = Client().post("/sign-in", {"email": "none@example.org", "password": "no"})
    assert wrong.status_code == unknown.status_code == 400
    assert _message(wrong.content) == _message(unknown.content) != ""


def test_too_many_failures_say_when_to_try_again(people: dict[str, User]) -> None:
    browser = Client()
    for _ in range(12):
        response = browser.post("/sign-in", {"email": "lead@example.org", "password": "no"})
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0


def test_forms_without_a_token_are_refused_with_a_page(people: dict[str, User]) -> None:
    response = Client(enforce_csrf_checks=True).post("/sign-in", {"email": "a@b.co", "password": "x"})
    assert response.status_code == 403
    assert "open too long" in response.content.decode()


def test_signing_out_needs_a_post_and_ends_the_session(as_: As) -> None:
    browser = as_("owner")
    assert browser.get("/sign-out").status_code == 405
    assert browser.post("/sign-out")["Location"] == "/sign-in"
    assert browser.get("/w/demo/d/shelf").status_code == 302
    assert AuditEntry.objects.filter(verb="signed_out").exists()


def test_a_forgotten_password_is_reset_by_mail(people: dict[str, User], settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    known = Client().post("/password/forgotten", {"email": "reader@example.org"})
    unknown = Client().post("/password/forgotten", {"email": "none@example.org"})
    assert known.content.replace(b"reader@", b"none@") == unknown.content
    assert len(mail.outbox) == 1
    found = re.search(r"http://testserver(/password/reset/\S+)", mail.outbox[0].body)
    assert found is not None
    assert Client().get(found[1]).status_code == 200
    done = Client().post(found[1], {"new": "another fine sentence 42"})
    assert done["Location"] == "/sign-in"
    assert Client().get(found[1]).status_code == 400
    signed = Client().post("/sign-in", {"email": "reader@example.org", "password": "another fine sentence 42"})
    assert signed.status_code == 302


def test_a_weak_new_password_is_explained(as_: As) -> None:
    response = as_("lead").post("/password/change", {"current": PASSWORD, "new": "short"})
    assert response.status_code == 400
    assert "at least 10" in response.content.decode()


def test_changing_the_password_keeps_this_session_only(as_: As) -> None:
    here, there = as_("lead"), as_("lead")
    assert here.post("/password/change", {"current": PASSWORD, "new": "another fine sentence 42"}).status_code == 302
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302


def test_a_token_is_shown_once(as_: As) -> None:
    browser = as_("lead")
    made = browser.post("/account", {"create": "1", "name": "notebook", "scopes": ["read"], "days": "30"})
    assert re.search(r"sl_[0-9a-f]{8}_", made.content.decode())
    again = browser.get("/account").content.decode()
    assert "notebook" in again
    assert not re.search(r"sl_[0-9a-f]{8}_\w", again)


def test_theme_and_density_are_remembered(as_: As) -> None:
    browser = as_("reader")
    browser.post("/appearance", {"theme": "dark", "density": "compact"})
    assert (
        '<html lang="en" data-theme="dark" data-density="compact">' in browser.get("/w/demo/metrics").content.decode()
    )


def _message(body: bytes) -> str:
    found = re.search(r'role="alert">(.*?)</div></div>', body.decode(), re.S)
    return found[1] if found else ""
