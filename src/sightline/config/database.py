"""The application database, from its address."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sightline.errors import UserError

# synchronous=NORMAL: a power cut may lose the last commits, never the file
PRAGMAS = """
    PRAGMA journal_mode=WAL;
    PRAGMA synchronous=NORMAL;
    PRAGMA cache_size=-8000;
    PRAGMA mmap_size=67108864;
    PRAGMA temp_store=MEMORY;
    PRAGMA foreign_keys=ON;
"""


class DatabaseAddressError(UserError):
    """The database address is not one we understand."""

    code = "SL-E031"


def database_of(address: str, *, home: Path) -> dict[str, Any]:
    """Return Django's description of the database: SQLite in the home folder unless an address says otherwise."""
    parts = urlsplit(address)
    if not address or parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path)) if parts.path.strip("/") else home / "app.sqlite3")
    if parts.scheme in ("postgres", "postgresql"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "OPTIONS": dict(parse_qsl(parts.query)),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise DatabaseAddressError(
        f'option "database": unknown kind of database "{parts.scheme}"', hint="allowed: sqlite, postgresql"
    )


def _sqlite(file: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "CONN_MAX_AGE": None,
        # IMMEDIATE: a transaction that will write waits at its start instead of failing in the middle
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": PRAGMAS},
    }
