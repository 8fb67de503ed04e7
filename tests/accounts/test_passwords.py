"""Choosing, changing and resetting passwords."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core import mail

from cast import NOW, PASSWORD, Cast
from sightline.accounts.actions.change_password import WrongPassword, change_password
from sightline.accounts.actions.request_password_reset import request_password_reset
from sightline.accounts.actions.reset_password import reset_password
from sightline.accounts.actions.sign_in import SignInRefused, sign_in
from sightline.accounts.lockout import SignInLocked
from sightline.accounts.models import AuditEntry, User
from sightline.accounts.passwords import PasswordTooWeak, ResetLinkRefused

NEW = "another fine phrase"
pytestmark = pytest.mark.req("PRG-4.2")


def ask(email: str = "owner@cast.test", *, at=NOW) -> tuple[str, str]:
    """Ask for a link; return (uid, token) from the mail."""
    request_password_reset(email=email, link=lambda uid, token: f"<{uid}/{token}>", address="10.0.0.1", now=at)
    found = re.search(r"<(.+)/(.+)>", str(mail.outbox[-1].body)) if mail.outbox else None
    return (found[1], found[2]) if found else ("", "")


@pytest.mark.req("PLT-8")
def test_passwords_are_kept_as_argon2(cast: Cast) -> None:
    assert identify_hasher(cast.owner.password).algorithm == "argon2"


def test_changing_the_password_needs_the_current_one(cast: Cast) -> None:
    with pytest.raises(WrongPassword):
        change_password(user=cast.owner, current="wrong", new=NEW, now=NOW)
    change_password(user=cast.owner, current=PASSWORD, new=NEW, now=NOW)
    assert sign_in(email=cast.owner.email, password=NEW, address="", now=NOW)
    assert AuditEntry.objects.filter(verb="password_changed", object=cast.owner.email).count() == 1


def test_the_current_password_cannot_be_guessed_through_the_form(cast: Cast) -> None:
    for _ in range(5):
        with pytest.raises(WrongPassword):
            change_password(user=cast.owner, current="wrong", new=NEW, now=NOW)
    with pytest.raises(SignInLocked):
        change_password(user=cast.owner, current=PASSWORD, new=NEW, now=NOW)


@pytest.mark.parametrize("weak", ["short", "1234567890123", "password123", "owner@cast.test"])
def test_a_weak_password_is_refused_with_the_reason(cast: Cast, weak: str) -> None:
    with pytest.raises(PasswordTooWeak) as refused:
        change_password(user=cast.owner, current=PASSWORD, new=weak, now=NOW)
    assert refused.value.problems


def test_a_change_ends_other_sessions(cast: Cast, client) -> None:
    client.force_login(cast.owner)
    before = User.objects.get(pk=cast.owner.pk).get_session_auth_hash()
    change_password(user=cast.owner, current=PASSWORD, new=NEW, now=NOW)
    assert User.objects.get(pk=cast.owner.pk).get_session_auth_hash() != before


def test_the_link_from_the_mail_sets_the_password_once(cast: Cast) -> None:
    uid, token = ask()
    assert mail.outbox[0].to == ["owner@cast.test"]
    assert reset_password(uid=uid, token=token, new=NEW, now=NOW + timedelta(minutes=5)) == cast.owner
    assert sign_in(email=cast.owner.email, password=NEW, address="", now=NOW + timedelta(minutes=6))
    with pytest.raises(ResetLinkRefused):
        reset_password(uid=uid, token=token, new="a third fine phrase", now=NOW + timedelta(minutes=7))


def test_the_link_dies_after_an_hour(cast: Cast) -> None:
    uid, token = ask()
    with pytest.raises(ResetLinkRefused):
        reset_password(uid=uid, token=token, new=NEW, now=NOW + timedelta(minutes=61))


def test_the_link_of_one_person_does_not_open_another_account(cast: Cast) -> None:
    _, token = ask("viewer@cast.test")
    owner_uid, _ = ask("owner@cast.test")
    with pytest.raises(ResetLinkRefused):
        reset_password(uid=owner_uid, token=token, new=NEW, now=NOW)


@pytest.mark.parametrize("uid", ["", "!!", "OTk5OTk5", "é", "AAAA" * 50])
def test_a_made_up_link_is_refused(cast: Cast, uid: str) -> None:
    with pytest.raises(ResetLinkRefused):
        reset_password(uid=uid, token="x-y", new=NEW, now=NOW)


def test_a_weak_new_password_leaves_the_link_alive(cast: Cast) -> None:
    uid, token = ask()
    with pytest.raises(PasswordTooWeak):
        reset_password(uid=uid, token=token, new="short", now=NOW)
    assert reset_password(uid=uid, token=token, new=NEW, now=NOW)


def test_asking_for_an_unknown_address_says_and_sends_nothing(cast: Cast) -> None:
    assert ask("nobody@cast.test") == ("", "")
    assert not mail.outbox


def test_nobody_can_be_flooded_with_mails(cast: Cast) -> None:
    for _ in range(6):
        ask()
    assert len(mail.outbox) == 3
    ask(at=NOW + timedelta(minutes=61))
    assert len(mail.outbox) == 4


def test_a_reset_lifts_the_lock_of_the_account(cast: Cast) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            sign_in(email=cast.owner.email, password="x", address="", now=NOW)
    uid, token = ask()
    reset_password(uid=uid, token=token, new=NEW, now=NOW + timedelta(seconds=1))
    assert sign_in(email=cast.owner.email, password=NEW, address="", now=NOW + timedelta(seconds=2))
