"""The secret of an installation, and the keys derived from it: one per purpose and workspace, so none tells another."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tomllib
from pathlib import Path

# The option `secret_key`, read as `config.options` reads it: the environment wins. Said again here because a workspace
# is opened without Django too (benchmarks, scripts), and its keys must be the same there.
ENVIRONMENT = "SIGHTLINE_SECRET_KEY"


def secret_of(home: Path) -> bytes:
    """Return the secret of the home folder; a throw-away one when it has none, which "sightline doctor" reports."""
    file = home / "config.toml"
    options = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    secret = os.environ.get(ENVIRONMENT) or options.get("secret_key") or secrets.token_urlsafe(48)
    return str(secret).encode()


def key_for(*, secret: bytes, purpose: str, workspace: str) -> str:
    """Return 64 hexadecimal digits that only this secret, purpose and workspace give (HKDF of RFC 5869, one block)."""
    extracted = hmac.digest(b"sightline", secret, hashlib.sha256)
    return hmac.digest(extracted, f"{purpose}\0{workspace}\x01".encode(), hashlib.sha256).hex()
