"""The uncertainty of a share: how many of how many."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from sightline.errors import InternalError


@dataclass(frozen=True)
class Proportion:
    """A share of `n` observations and the interval that holds it with `confidence`. All shares are 0..1."""

    successes: int
    n: int
    rate: float
    low: float
    high: float
    confidence: float


def wilson(*, successes: int, n: int, confidence: float = 0.95) -> Proportion:
    """Return the share with its Wilson score interval.

    The score interval keeps its coverage for small n and for shares near 0 or 1, where the textbook interval
    (rate ± z·se) collapses. Source: E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", Journal of the American Statistical Association 22 (1927), 209-212; recommended for small n by
    Brown, Cai and DasGupta, Statistical Science 16 (2001), 101-133.

    Raises InternalError for n < 1, successes outside 0..n or confidence outside (0, 1).
    """
    if n < 1 or not 0 <= successes <= n or not 0 < confidence < 1:
        raise InternalError(f"no interval for {successes} of {n} at {confidence}")
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    rate = successes / n
    shrink = 1 + z * z / n
    middle = (rate + z * z / (2 * n)) / shrink
    half = z / shrink * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    # Exact at the ends, where rounding would leave 1e-17 or 1 - 1e-17.
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == n else min(1.0, middle + half)
    return Proportion(successes, n, rate, low, high, confidence)
