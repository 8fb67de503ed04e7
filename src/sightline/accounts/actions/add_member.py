"""Adding a person to a workspace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from sightline.accounts import audit, mail
from sightline.accounts.access import Access
from sightline.accounts.members import AlreadyMember, checked_attributes, checked_role
from sightline.accounts.models import Membership, User
from sightline.accounts.passwords import reset_code
from sightline.errors import UserError


class NotAnAddress(UserError):
    """What was given as an e-mail address is none."""

    code = "SL-E050"


@dataclass(frozen=True)
class Added:
    """Who was added; `is_new` when they had no account before."""

    user: User
    membership: Membership
    is_new: bool


def add_member(
    *,
    access: Access,
    email: str,
    role: str,
    attributes: Mapping[str, Sequence[str]],
    now: datetime,
    name: str = "",
    link: Callable[[str, str], str] | None = None,
) -> Added:
    """Add a person, with a new account when they have none, and mail them a link to choose a password.

    `link` makes the page's address from uid and token; None sends no mail.
    """
    access.require("manage_members")
    email = _checked_email(email)
    chosen = checked_role(access.folder.catalog, role)
    values = checked_attributes(access.folder.catalog, chosen, attributes)
    with transaction.atomic():
        user = User.objects.filter(email=email).first()
        is_new = user is None
        if user is None:
            user = User.objects.create_user(email, name=name)
        if Membership.objects.filter(user=user, workspace=access.workspace).exists():
            raise AlreadyMember(f"{email} is a member already", hint="Change the role instead.")
        membership = Membership.objects.create(user=user, workspace=access.workspace, role=chosen, attributes=values)
        detail = {"role": chosen, "attributes": values}
        audit.record(
            workspace=access.workspace, actor=access.actor, verb="member_added", object=email, detail=detail, now=now
        )
    if link is not None and is_new:
        _invite(access, user, chosen, link, now)
    return Added(user, membership, is_new)


def _checked_email(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise NotAnAddress(f'"{email}" is not an e-mail address', hint="Expected: name@example.org") from error
    return email


def _invite(access: Access, user: User, role: str, link: Callable[[str, str], str], now: datetime) -> None:
    settings = access.folder.catalog.settings
    text = mail.INVITATION.format(
        by=access.user.shown_name,
        workspace=settings.label or settings.workspace,
        role=access.folder.catalog.roles[role].label or role,
        link=link(*reset_code(user, now=now)),
    )
    mail.send(to=user.email, subject="You were added to Sightline", text=text)
