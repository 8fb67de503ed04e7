"""Signing in, and being slowed down after failures."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from cast import NOW, PASSWORD, Cast
from sightline.accounts.actions import sign_in as module
from sightline.accounts.actions.sign_in import SignInRefused, sign_in
from sightline.accounts.lockout import SignInLocked, forget_old_attempts
from sightline.accounts.models import AuditEntry, SignInAttempt

pytestmark = pytest.mark.req("PRG-4.2")


def fail(email: str = "owner@cast.test", *, address: str = "10.0.0.1", at=NOW) -> None:
    with pytest.raises(SignInRefused):
        sign_in(email=email, password="wrong", address=address, now=at)


def test_the_right_password_signs_in_whatever_the_case_of_the_address(cast: Cast) -> None:
    assert sign_in(email=" Owner@Cast.TEST ", password=PASSWORD, address="10.0.0.1", now=NOW) == cast.owner


def test_a_wrong_password_and_an_unknown_address_are_refused_in_the_same_words(cast: Cast) -> None:
    messages = set()
    for email in ("owner@cast.test", "nobody@cast.test"):
        with pytest.raises(SignInRefused) as refused:
            sign_in(email=email, password="wrong", address="10.0.0.1", now=NOW)
        messages.add(str(refused.value))
    assert len(messages) == 1


def test_an_unknown_address_costs_a_hash_like_a_known_one(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    real = module.make_password
    monkeypatch.setattr(module, "make_password", lambda password: hashed.append(password) or real(password))
    started = time.perf_counter()
    fail("nobody@cast.test")
    unknown = time.perf_counter() - started
    assert hashed == ["wrong"]
    assert unknown > 0.005


def test_a_closed_account_cannot_sign_in(cast: Cast) -> None:
    cast.owner.is_active = False
    cast.owner.save()
    with pytest.raises(SignInRefused):
        sign_in(email="owner@cast.test", password=PASSWORD, address="", now=NOW)


@pytest.mark.req("PLT-8")
def test_five_failures_lock_the_account_even_for_the_right_password(cast: Cast) -> None:
    for number in range(5):
        fail(address=f"10.0.0.{number}")
    with pytest.raises(SignInLocked) as locked:
        sign_in(email="owner@cast.test", password=PASSWORD, address="10.0.9.9", now=NOW + timedelta(seconds=5))
    assert locked.value.retry_after == 25
    assert sign_in(email="owner@cast.test", password=PASSWORD, address="10.0.9.9", now=NOW + timedelta(seconds=31))


@pytest.mark.req("PLT-8")
def test_the_delay_doubles_with_each_further_failure(cast: Cast) -> None:
    at, delays = NOW, []
    for _ in range(4):
        fail(at=at)
    for _ in range(4):
        fail(at=at)
        with pytest.raises(SignInLocked) as locked:
            sign_in(email="owner@cast.test", password=PASSWORD, address="", now=at)
        delays.append(locked.value.retry_after)
        at += timedelta(seconds=locked.value.retry_after + 1)
    assert delays == [30, 60, 120, 240]


def test_an_unknown_address_is_locked_like_a_known_one(cast: Cast) -> None:
    for _ in range(5):
        fail("nobody@cast.test")
    with pytest.raises(SignInLocked):
        sign_in(email="nobody@cast.test", password="x", address="10.0.0.1", now=NOW)


def test_twenty_failures_over_many_accounts_lock_the_address_only(cast: Cast) -> None:
    for number in range(20):
        fail(f"guess{number}@cast.test")
    with pytest.raises(SignInLocked):
        sign_in(email="viewer@cast.test", password=PASSWORD, address="10.0.0.1", now=NOW)
    assert sign_in(email="viewer@cast.test", password=PASSWORD, address="10.0.0.2", now=NOW)


def test_signing_in_clears_the_failures_of_the_account(cast: Cast) -> None:
    for _ in range(4):
        fail()
    sign_in(email="owner@cast.test", password=PASSWORD, address="10.0.0.1", now=NOW + timedelta(seconds=1))
    for _ in range(4):
        fail(at=NOW + timedelta(seconds=2))
    assert sign_in(email="owner@cast.test", password=PASSWORD, address="10.0.0.1", now=NOW + timedelta(seconds=3))


def test_tries_while_locked_do_not_lengthen_the_lock(cast: Cast) -> None:
    for _ in range(5):
        fail()
    for second in range(1, 20):
        with pytest.raises(SignInLocked):
            sign_in(email="owner@cast.test", password="x", address="", now=NOW + timedelta(seconds=second))
    assert sign_in(email="owner@cast.test", password=PASSWORD, address="", now=NOW + timedelta(seconds=31))


def test_old_failures_no_longer_count_and_are_forgotten(cast: Cast) -> None:
    for _ in range(5):
        fail()
    assert sign_in(email="owner@cast.test", password=PASSWORD, address="", now=NOW + timedelta(minutes=16))
    assert forget_old_attempts(now=NOW + timedelta(days=31)) == 6
    assert not SignInAttempt.objects.exists()


@pytest.mark.req("PLT-8")
def test_every_outcome_is_in_the_audit_log_without_the_password(cast: Cast) -> None:
    for _ in range(5):
        fail()
    with pytest.raises(SignInLocked):
        sign_in(email="owner@cast.test", password=PASSWORD, address="10.0.0.1", now=NOW)
    sign_in(email="viewer@cast.test", password=PASSWORD, address="10.0.0.7", now=NOW)
    entries = list(AuditEntry.objects.order_by("id").values_list("verb", "actor", "address"))
    assert entries[0] == ("sign_in_failed", "owner@cast.test", "10.0.0.1")
    assert entries[-2] == ("sign_in_locked", "owner@cast.test", "10.0.0.1")
    assert entries[-1] == ("signed_in", "viewer@cast.test", "10.0.0.7")
    assert not any(PASSWORD in str(entry.detail) + entry.object for entry in AuditEntry.objects.all())
