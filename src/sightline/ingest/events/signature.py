"""Proof that a request comes from somebody who knows a source's signing secret.

`Sightline-Signature: t=<unix seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.` and the body as it is sent. The time is part
of what is signed, so a recorded request is of no use after five minutes. Senders that cannot do so may sign the body
alone, as GitHub does: `X-Hub-Signature-256: sha256=<hex>`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

SIGNATURE = "sightline-signature"
HUB_SIGNATURE = "x-hub-signature-256"
TOLERANCE = timedelta(minutes=5)


def signature_of(body: bytes, *, secret: str, at: datetime) -> str:
    """Return the value of the header `Sightline-Signature`."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_digest(_timed(seconds, body), secret)}"


def is_signed(headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str], now: datetime) -> bool:
    """Return whether the body was signed with one of the secrets; takes equally long whichever fits, or none."""
    if SIGNATURE in headers:
        seconds, given = _parts(headers[SIGNATURE])
        is_recent = seconds is not None and abs(int(now.timestamp()) - seconds) <= TOLERANCE.total_seconds()
        return _fits(_timed(seconds or 0, body), given, secrets) and is_recent
    if HUB_SIGNATURE in headers:
        return _fits(body, [headers[HUB_SIGNATURE].strip().removeprefix("sha256=")], secrets)
    return False


def is_secret(given: str, *, secrets: Iterable[str]) -> bool:
    """Return whether this is one of the secrets; takes equally long whichever it is, or none."""
    results = [hmac.compare_digest(given.encode(), secret.encode()) for secret in secrets]  # all of them, always
    return any(results)


def _parts(header: str) -> tuple[int | None, list[str]]:
    """Return the time and the signatures of a header; a sender that changes its secret may send two."""
    pairs = [part.strip().partition("=") for part in header[:1000].split(",")]
    times = [value for name, _, value in pairs if name == "t" and value.isascii() and value.isdigit()]
    return int(times[0][:15]) if times else None, [value for name, _, value in pairs if name == "v1"][:4]


def _fits(signed: bytes, given: Iterable[str], secrets: Iterable[str]) -> bool:
    expected = [_digest(signed, secret).encode() for secret in secrets]
    values = [value.lower().encode() for value in given]
    results = [hmac.compare_digest(value, each) for value in values for each in expected]  # all of them, always
    return any(results)


def _timed(seconds: int, body: bytes) -> bytes:
    return b"%d." % seconds + body


def _digest(signed: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
