"""Sessions end, requests from elsewhere are refused, every response has the security headers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from cast import Cast
from sightline.accounts.actions.change_password import set_password


def who(request: HttpRequest) -> HttpResponse:
    """Return who is signed in."""
    return HttpResponse(str(request.user))


urlpatterns = [path("who", who)]
pytestmark = [pytest.mark.req("PRG-4.2", "PLT-8"), pytest.mark.urls(__name__)]
HOUR, DAY = 3600, 86_400


@pytest.fixture
def clock() -> time_machine.Coordinates:
    with time_machine.travel(datetime(2026, 3, 4, 9, 30, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def is_signed_in(client: Client) -> bool:
    return client.get("/who").content.decode().startswith("owner@")


def test_a_session_ends_after_twelve_hours_without_a_request(cast: Cast, client: Client, clock) -> None:
    client.force_login(cast.owner)
    assert is_signed_in(client)
    clock.shift(12 * HOUR + 1)
    assert not is_signed_in(client)


def test_each_request_keeps_the_session_alive(cast: Cast, client: Client, clock) -> None:
    client.force_login(cast.owner)
    for _ in range(6):
        assert is_signed_in(client)
        clock.shift(11 * HOUR)
    assert is_signed_in(client)


def test_a_session_ends_fourteen_days_after_signing_in_however_busy(cast: Cast, client: Client, clock) -> None:
    client.force_login(cast.owner)
    for _ in range(14 * 3):
        assert is_signed_in(client)
        clock.shift(8 * HOUR)
    clock.shift(60)
    assert not is_signed_in(client)


def test_requests_in_quick_succession_do_not_write_the_session_each_time(
    cast: Cast, client: Client, clock, django_assert_num_queries
) -> None:
    client.force_login(cast.owner)
    is_signed_in(client)
    clock.shift(30)
    with django_assert_num_queries(2):  # the session and the person
        is_signed_in(client)


def test_a_new_password_ends_the_session(cast: Cast, client: Client, clock) -> None:
    client.force_login(cast.owner)
    assert is_signed_in(client)
    set_password(user=cast.owner, new="another fine phrase", actor="operator", now=datetime.now(UTC))
    assert not is_signed_in(client)


def test_a_closed_account_is_signed_out_at_once(cast: Cast, client: Client, clock) -> None:
    client.force_login(cast.owner)
    cast.owner.is_active = False
    cast.owner.save()
    assert not is_signed_in(client)


def test_a_form_sent_from_another_site_is_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner)
    assert client.post("/who").status_code == 403


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(cast: Cast, client: Client, settings: Settings) -> None:
    client.force_login(cast.owner)
    client.get("/who")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert settings.CSRF_COOKIE_HTTPONLY
    assert settings.CSRF_COOKIE_SAMESITE == "Lax"


def test_every_response_has_the_security_headers(client: Client, db: None) -> None:
    headers = client.get("/who").headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "private, no-cache"
