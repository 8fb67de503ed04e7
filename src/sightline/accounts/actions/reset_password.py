"""Setting a password by the link from a mail."""

from __future__ import annotations

from datetime import datetime

from sightline.accounts.actions.change_password import set_password
from sightline.accounts.models import SignInAttempt, User
from sightline.accounts.passwords import user_of_reset_code


def reset_password(*, uid: str, token: str, new: str, now: datetime, address: str = "") -> User:
    """Set the password and return the person. Ends all their sessions, and lifts a lock of the account."""
    user = user_of_reset_code(uid=uid, token=token, now=now)
    set_password(user=user, new=new, actor=user.email, now=now, address=address)
    # who reads the mailbox owns the account: earlier failures no longer count against it
    SignInAttempt.objects.create(email=user.email, address=address, at=now, succeeded=True)
    return user
