"""Changing a password: by its owner, or by the operator of the machine."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from sightline.accounts import audit
from sightline.accounts.lockout import begin_attempt
from sightline.accounts.models import SignInAttempt, User
from sightline.accounts.passwords import check_strength
from sightline.errors import UserError


class WrongPassword(UserError):
    """The current password is not the one given."""

    code = "SL-E047"


def change_password(*, user: User, current: str, new: str, now: datetime, address: str = "") -> None:
    """Set a new password after checking the current one. Ends the person's other sessions.

    The caller keeps the present session with `update_session_auth_hash`.
    """
    attempt = begin_attempt(email=user.email, address=address, now=now)  # a borrowed session must not guess
    if not user.check_password(current):
        raise WrongPassword("The current password is wrong.")
    SignInAttempt.objects.filter(pk=attempt.pk).update(succeeded=True)
    set_password(user=user, new=new, actor=user.email, now=now, address=address)


def set_password(*, user: User, new: str, actor: str, now: datetime, address: str = "") -> None:
    """Set a password without the current one: for the operator, and for whoever followed a reset link."""
    check_strength(new, user=user)
    with transaction.atomic():
        user.set_password(new)
        user.save(update_fields=["password"])
        audit.record(workspace="", actor=actor, verb="password_changed", object=user.email, now=now, address=address)
