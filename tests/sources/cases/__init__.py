"""Every case of the behaviour suite: one module per connector, one line each."""

from __future__ import annotations

from behaviour import Case

from cases import files, hubspot, prometheus, rest, salesforce, spend, sql

ALL: tuple[Case, ...] = (
    *files.CASES,
    *hubspot.CASES,
    *prometheus.CASES,
    *rest.CASES,
    *salesforce.CASES,
    *spend.CASES,
    *sql.CASES,
)
