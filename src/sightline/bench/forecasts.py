"""How long one forecast takes, with its back-test: three years of months, and two years of days."""

from __future__ import annotations

import time
from math import sin

from sightline.bench.figures import Figure
from sightline.stats.forecast import forecast

CASES = (("36 months", 36, 12, 6, 60.0), ("730 days", 730, 7, 28, 1500.0))
"""Name, values, season, periods ahead, and the milliseconds it may take, once for each change of the data."""

TIMES = 3


def measure_forecasts() -> list[Figure]:
    """Return the fastest of a few runs of each: others of this machine only add to it."""
    return [
        Figure(f"forecast of {name}", _fastest(n, season, periods), "ms", target=target, note="once, then kept")
        for name, n, season, periods, target in CASES
    ]


def _fastest(n: int, season: int, periods: int) -> float:
    values = [1000 + 3 * at + 40 * sin(6.28 * at / season) + 25 * sin(1.7 * at * at) for at in range(n)]
    found = []
    for _ in range(TIMES):
        started = time.perf_counter()
        forecast(values, periods=periods, season=season, lower=0)
        found.append(1000 * (time.perf_counter() - started))
    return min(found)
