"""How far a value lies from its history, measured so that outliers in the history do not hide it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from sightline.errors import InternalError

UNUSUAL = 3.5
"""The limit that Iglewicz and Hoaglin recommend for the modified z-score."""


@dataclass(frozen=True)
class Distance:
    """A value against its history: the median, and the modified z-score (None: the history never varies, nor does it
    match)."""

    value: float
    usual: float
    n: int
    score: float | None
    deviation: float = 0.0
    """What one unit of the score is worth: 0 where the history never varies."""

    @property
    def expected(self) -> tuple[float, float]:
        """The lowest and the highest value that would not be unusual."""
        reach = UNUSUAL * self.deviation
        return self.usual - reach, self.usual + reach

    @property
    def is_unusual(self) -> bool:
        """Whether the value lies beyond what its history makes likely: outside the expected range."""
        low, high = self.expected
        return not low <= self.value <= high


def distance_from(history: Sequence[float], value: float) -> Distance:
    """Return the modified z-score of a value: 0.6745 · (value − median) ÷ MAD.

    Where the median absolute deviation is 0 (more than half of the history is the same), the mean absolute deviation is
    taken: (value − median) ÷ (1.253314 · MeanAD). Source: B. Iglewicz and D. Hoaglin, "How to Detect and Handle
    Outliers", ASQC Quality Press 1993; the fallback as in IBM SPSS. Raises InternalError without a history.
    """
    if not history:
        raise InternalError("no history to compare with")
    usual = median(history)
    deviations = [abs(each - usual) for each in history]
    spread, mean = median(deviations), fmean(deviations)
    deviation = spread / 0.6745 if spread else 1.253314 * mean
    if deviation:
        score: float | None = (value - usual) / deviation
    else:
        score = 0.0 if value == usual else None
    return Distance(value, usual, len(history), score, deviation)
