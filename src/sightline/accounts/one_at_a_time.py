"""Transactions that must come one after the other: what one reads, the next has to see written."""

from __future__ import annotations

from typing import Literal

from django.db import connection

LOCKS = {"audit": 0x51687456, "sign_in": 0x51687457}
"""Any numbers that nothing else in the database locks."""


def one_at_a_time(what: Literal["audit", "sign_in"]) -> None:
    """Wait until no other transaction holds this; hold it until the current transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCKS[what]])
    # SQLite: the transaction began IMMEDIATE (see config.database), so this is the only writer
