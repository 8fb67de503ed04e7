"""API tokens: `sl_<prefix>_<secret>`. The prefix finds the row, the secret's hash proves it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sightline.accounts.models import ApiToken
from sightline.errors import NotAllowed

TOUCH_EVERY = timedelta(minutes=1)


class TokenRefused(NotAllowed):
    """The token is unknown, revoked or past its end; the message does not say which."""

    code = "SL-E043"


def new_secret() -> tuple[str, str]:
    """Return (prefix, whole token)."""
    prefix = secrets.token_hex(4)
    return prefix, f"sl_{prefix}_{secrets.token_urlsafe(32)}"


def digest_of(token: str) -> str:
    """Return what is kept of a token. It is random and long, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def authenticate_token(*, token: str, now: datetime) -> ApiToken:
    """Return the token's row, or raise TokenRefused."""
    prefix = token.split("_")[1] if token.startswith("sl_") and token.count("_") >= 2 else ""
    row = ApiToken.objects.select_related("user").filter(prefix=prefix).first() if prefix else None
    is_known = hmac.compare_digest(row.digest if row else digest_of(""), digest_of(token))
    if row is None or not is_known or not is_live(row, now=now) or not row.user.is_active:
        raise TokenRefused("The API token is unknown, revoked or expired.", hint="Make a new one on the account page.")
    if row.last_used_at is None or now - row.last_used_at >= TOUCH_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
    return row


def is_live(token: ApiToken, *, now: datetime) -> bool:
    """Return whether a token still works."""
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > now)
