"""Who may send to a source: whoever signs with its secret, or holds a token that may import.

Whatever is wrong, a caller without a valid token hears the same words, so nobody learns which workspaces and sources
there are.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db import connection

from sightline.accounts.access import NotSignedIn, open_workspace
from sightline.accounts.tokens import TokenRefused, authenticate_token
from sightline.errors import NotFound
from sightline.home.vault import Vault
from sightline.ingest.events.signature import HUB_SIGNATURE, SIGNATURE, is_secret, is_signed
from sightline.ingest.spec import PUSHED

SECRET = "signing_secret"  # noqa: S105 - the name of a field
PREVIOUS = "previous_signing_secret"
"""Both are valid: a sender changes over in its own time."""

_NOBODYS = ("nobody knows this one",)
_QUERY = """
    SELECT s.id, x.field, x.sealed FROM ingest_source s LEFT JOIN ingest_sourcesecret x ON x.source_id = s.id
    WHERE s.workspace = %s AND s.name = %s AND s.kind = %s
"""
"""Written out: Django's query takes five times as long, and this is asked for every event."""


class NotRecognised(NotSignedIn):
    """There is no such source, or the request is not signed with its secret: which of them is not said."""

    code = "SL-E350"


@dataclass(frozen=True)
class Sent:
    """A request as it arrived. Names of headers are in lower case."""

    workspace: str
    source: str
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


def recognise(sent: Sent, *, now: datetime, takes_password: bool = False) -> int:
    """Return the id of the source that the request may send to. Raises NotRecognised.

    With `takes_password` the signing secret also counts as the password of basic authentication: Prometheus cannot
    sign. A valid token's person hears more: a permission that is missing, a source that is not there.
    """
    scheme, _, credentials = sent.header("authorization").partition(" ")
    if scheme.lower() == "bearer" and not (SIGNATURE in sent.headers or HUB_SIGNATURE in sent.headers):
        return _by_token(sent, credentials.strip(), now)
    source, secrets = _source_and_secrets(sent.workspace, sent.source)
    if takes_password and scheme.lower() == "basic":
        is_known = is_secret(_password_in(credentials), secrets=secrets or _NOBODYS)
    else:
        is_known = is_signed(sent.headers, sent.body, secrets=secrets or _NOBODYS, now=now)
    if source is None or not secrets or not is_known:
        raise _refusal()
    return source


def _by_token(sent: Sent, token: str, now: datetime) -> int:
    try:
        access = open_workspace(authenticate_token(token=token, now=now), sent.workspace)
    except (TokenRefused, NotFound, NotSignedIn):
        raise _refusal() from None
    access.require("import_data")
    source, _ = _source_and_secrets(sent.workspace, sent.source)
    if source is None:
        raise NotFound(f'there is no source "{sent.source}" that is sent to', hint=f"Its type must be `{PUSHED}`.")
    return source


def _source_and_secrets(workspace: str, name: str) -> tuple[int | None, tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, [workspace, name, PUSHED])
        rows = cursor.fetchall()
    sealed = [text for _, field, text in rows if field in (SECRET, PREVIOUS)]
    opened = tuple(_opened(settings.SIGHTLINE.secret_key, text) for text in sealed)
    return (int(rows[0][0]) if rows else None), tuple(filter(None, opened))


@lru_cache(maxsize=1000)
def _opened(key: str, sealed: str) -> str:
    return Vault(key).open(sealed)


def _password_in(credentials: str) -> str:
    try:
        return b64decode(credentials.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _refusal() -> NotRecognised:
    return NotRecognised(
        "No such source, or the request is not signed with its secret.",
        hint="send Sightline-Signature, or an API token with the scope import; see docs/webhooks.md",
    )
