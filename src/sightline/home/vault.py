"""Secrets at rest: sealed with a key that is not where they are stored.

The key is derived from the installation's `secret_key` (config.toml or the environment), the sealed text is kept in the
database, so neither alone gives a secret away. Fernet (AES-128-CBC with HMAC-SHA256), from the library `cryptography`.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sightline.errors import UserError

PURPOSE = b"sightline: secrets of sources"


class SecretLost(UserError):
    """A stored secret cannot be opened: the installation's secret_key is another one than when it was stored."""

    code = "SL-E305"


class Vault:
    """Seals and opens secrets of one installation."""

    def __init__(self, secret_key: str) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, secret: str) -> str:
        """Return the secret as it may be stored."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return the secret. Raises SecretLost when it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SecretLost(
                "a stored secret cannot be opened with this installation's secret_key",
                hint="Restore the secret_key of config.toml, or enter the secret again.",
            ) from None
