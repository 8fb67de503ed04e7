"""Making an API token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from sightline.accounts import audit, tokens
from sightline.accounts.access import SCOPES, PermissionMissing, open_workspace, workspaces_of
from sightline.accounts.models import ApiToken, User
from sightline.definitions.catalog import did_you_mean
from sightline.errors import UserError


class TokenNotMade(UserError):
    """A scope is unknown, or the end lies in the past."""

    code = "SL-E048"


@dataclass(frozen=True)
class NewToken:
    """A token just made. `secret` is shown this once and kept nowhere."""

    token: ApiToken
    secret: str


def create_token(
    *,
    user: User,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None,
    now: datetime,
    by_operator: bool = False,
    address: str = "",
) -> NewToken:
    """Make a token that acts for the person within the scopes, and within what their roles allow when it is used.

    The person needs a role that may use the API in some workspace; the operator may make one for anybody.
    """
    if not by_operator and not any(open_workspace(user, place.name).allows("use_api") for place in workspaces_of(user)):
        raise PermissionMissing("None of your roles lets you make API tokens.", hint="Ask an admin of your workspace.")
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        wrong = f'unknown scope "{unknown[0]}"' if unknown else "a token needs at least one scope"
        raise TokenNotMade(wrong, hint=did_you_mean(unknown[0] if unknown else "", SCOPES))
    if expires_at is not None and expires_at <= now:
        raise TokenNotMade(f"the token's end, {expires_at:%Y-%m-%d %H:%M}, is in the past", hint="Choose a later one.")
    prefix, secret = tokens.new_secret()
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=name.strip()[:120] or "token",
            prefix=prefix,
            digest=tokens.digest_of(secret),
            scopes=sorted(set(scopes)),
            created_at=now,
            expires_at=expires_at,
        )
        audit.record(
            workspace="",
            actor="operator" if by_operator else user.email,
            verb="token_created",
            object=f"{user.email} {prefix}",
            detail={"name": token.name, "scopes": token.scopes, "expires_at": expires_at},
            now=now,
            address=address,
        )
    return NewToken(token, secret)
