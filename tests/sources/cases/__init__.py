"""Every case of the behaviour suite: one module per connector, one line each."""

from __future__ import annotations

from behaviour import Case

from cases import hubspot, rest, sql

ALL: tuple[Case, ...] = (*hubspot.CASES, *rest.CASES, *sql.CASES)
