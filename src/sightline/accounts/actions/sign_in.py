"""Signing in with e-mail address and password."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password

from sightline.accounts import audit
from sightline.accounts.lockout import SignInLocked, begin_attempt
from sightline.accounts.models import SignInAttempt, User
from sightline.errors import UserError


class SignInRefused(UserError):
    """Address or password is wrong; the message does not say which."""

    code = "SL-E041"


def sign_in(*, email: str, password: str, address: str, now: datetime) -> User:
    """Return the person, or raise SignInRefused or SignInLocked. The caller starts the session."""
    email = email.strip().lower()[:320]
    try:
        attempt = begin_attempt(email=email, address=address, now=now)
    except SignInLocked:
        _record("sign_in_locked", email, address, now)
        raise
    user = User.objects.filter(email=email, is_active=True).first()
    if not _is_right(user, password) or user is None:
        _record("sign_in_failed", email, address, now)
        raise SignInRefused("The e-mail address or the password is wrong.", hint="Try again, or reset the password.")
    SignInAttempt.objects.filter(pk=attempt.pk).update(succeeded=True)
    _record("signed_in", email, address, now)
    return user


def sign_out(*, user: User, address: str, now: datetime) -> None:
    """Record that a person signed out. The caller ends the session."""
    _record("signed_out", user.email, address, now)


def _is_right(user: User | None, password: str) -> bool:
    if user is None or not user.has_usable_password():
        make_password(password)  # takes as long as a check: the time to answer must not tell who has an account
        return False
    return user.check_password(password)


def _record(verb: str, email: str, address: str, now: datetime) -> None:
    audit.record(workspace="", actor=email, verb=verb, object=email, now=now, address=address)
