"""Asking for a link that sets a new password."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sightline.accounts import audit, mail
from sightline.accounts.models import AuditEntry, User
from sightline.accounts.passwords import reset_code

VERB = "password_reset_requested"
PER_HOUR = 3
PER_HOUR_AND_ADDRESS = 20


def request_password_reset(*, email: str, link: Callable[[str, str], str], address: str, now: datetime) -> None:
    """Send the link to the person of this address, if there is one. The caller says the same in either case.

    `link` makes the address of the page from uid and token.
    """
    email = email.strip().lower()
    recent = AuditEntry.objects.filter(verb=VERB, at__gt=now - timedelta(hours=1))
    is_flood = recent.filter(object=email).count() >= PER_HOUR or (
        bool(address) and recent.filter(address=address).count() >= PER_HOUR_AND_ADDRESS
    )
    if is_flood:
        return
    audit.record(workspace="", actor=email, verb=VERB, object=email, now=now, address=address)
    user = User.objects.filter(email=email, is_active=True).first()
    if user is not None:
        text = mail.RESET.format(email=user.email, link=link(*reset_code(user, now=now)))
        mail.send(to=user.email, subject="Set a new Sightline password", text=text)
