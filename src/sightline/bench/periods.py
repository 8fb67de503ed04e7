"""Periods of almost the same length that were not asked before, so that no cache can answer."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta

from sightline.bench.leads import DAYS, FIRST_DAY
from sightline.metrics.question import Period

SPREAD = 45
"""Start and end move by less than this many of 731 days: every question reads about the same rows."""

END = FIRST_DAY + timedelta(days=DAYS)
WHOLE = Period(start=FIRST_DAY, end=END, name="")


def distinct_periods() -> Iterator[Period]:
    """Yield about two thousand different periods, each once; more than one run ever asks for."""
    for shift, cut in itertools.product(range(SPREAD), range(SPREAD)):
        yield Period(start=FIRST_DAY + timedelta(days=shift), end=END - timedelta(days=cut), name="")


def period_text(period: Period) -> str:
    """Return a bounded period as it stands in an address: 2024-01-01..2026-01-01."""
    return f"{period.start}..{period.end}"
