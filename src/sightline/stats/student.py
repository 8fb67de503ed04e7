"""Quantiles of Student's t distribution: how wide an interval is when the spread itself is only estimated."""

from __future__ import annotations

import math
from statistics import NormalDist

from sightline.errors import InternalError

LEAST_DF = 3
"""Below it the expansion is off by more than a part in a hundred, and there is next to nothing to estimate from."""


def t_quantile(share: float, *, df: int) -> float:
    """Return the value that Student's t with `df` degrees of freedom stays below with this share (0..1).

    The expansion by powers of 1 ÷ df around the normal quantile: M. Abramowitz and I. A. Stegun, "Handbook of
    Mathematical Functions", National Bureau of Standards 1964, 26.7.5. Raises InternalError for fewer than three
    degrees of freedom, or a share outside (0, 1).
    """
    if df < LEAST_DF or not 0 < share < 1:
        raise InternalError(f"no quantile of t for {share} at {df} degrees of freedom")
    z = NormalDist().inv_cdf(share)
    square = z * z
    terms = (
        (square + 1) / 4,
        ((5 * square + 16) * square + 3) / 96,
        (((3 * square + 19) * square + 17) * square - 15) / 384,
        ((((79 * square + 776) * square + 1482) * square - 1920) * square - 945) / 92160,
    )
    series = sum(term / math.pow(df, power) for power, term in enumerate(terms, start=1))
    return z * (1 + series)
