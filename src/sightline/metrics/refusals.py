"""Why there is no forecast, in words."""

from __future__ import annotations

from collections import Counter

from sightline.definitions.schema.metric import Grain
from sightline.metrics.result import State
from sightline.metrics.training import Training
from sightline.stats.forecast import NoForecast

_GAPS: dict[State, str] = {
    "no_data": "without data",
    "zero_denominator": "without a denominator",
    "too_few": "over too few observations",
    "mixed_currencies": "in several currencies",
    "no_rate": "without an exchange rate",
    "no_history": "before the data begins",
    "undefined": "undefined",
    "not_reached": "not reached by half of the cases",
}
_NAMED = 3


def refusal(made: NoForecast, training: Training, grain: Grain) -> str:
    """Return why this series is not forecast, and what would change that."""
    if made.reason == "too_short":
        there = f"there are {made.n}" if made.n != 1 else "there is 1"
        return f"A forecast needs {made.count} whole {grain}s, and {there if made.n else 'there is none'}."
    if made.reason == "constant":
        return f"All {made.n} {grain}s have the same value: there is no movement to learn from."
    if made.reason == "too_far":
        return f"{made.n} whole {grain}s carry a forecast of at most {made.count}: choose fewer."
    named = ", ".join(at.isoformat() for at, _ in training.gaps[:_NAMED])
    more = f" and {len(training.gaps) - _NAMED} more" if len(training.gaps) > _NAMED else ""
    kinds = Counter(_GAPS.get(state, "without a value") for _, state in training.gaps)
    words = " and ".join(f"{count} {kind}" for kind, count in kinds.items())
    return f"Of {made.n} {grain}s {words} ({named}{more}): a forecast needs a value in each."
