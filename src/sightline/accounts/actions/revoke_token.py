"""Ending an API token."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from sightline.accounts import audit
from sightline.accounts.models import ApiToken, User
from sightline.errors import NotFound


def revoke_token(*, user: User | None, prefix: str, now: datetime, address: str = "") -> None:
    """End a person's token for good. `user` None: the operator, who may end anybody's."""
    mine = ApiToken.objects.filter(prefix=prefix, revoked_at=None)
    if user is not None:
        mine = mine.filter(user=user)
    with transaction.atomic():
        token = mine.select_related("user").first()
        if token is None:
            raise NotFound(f'there is no live token "{prefix}"', hint="The list of tokens shows their prefixes.")
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        audit.record(
            workspace="",
            actor=user.email if user else "operator",
            verb="token_revoked",
            object=f"{token.user.email} {prefix}",
            now=now,
            address=address,
        )
