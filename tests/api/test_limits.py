"""A caller's bucket empties with every request and fills up with time."""

from __future__ import annotations

import pytest

from sightline.api.errors import TooManyRequests
from sightline.api.limits import Limits


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_refills_steadily_and_never_over_the_brim() -> None:
    clock = Clock()
    limits = Limits(per_second=2, burst=3, clock=clock)
    for _ in range(3):
        limits.spend("a")
    with pytest.raises(TooManyRequests) as refused:
        limits.spend("a")
    assert refused.value.retry_after == 1
    clock.now += 0.5
    limits.spend("a")
    clock.now += 1000
    for _ in range(3):
        limits.spend("a")
    with pytest.raises(TooManyRequests):
        limits.spend("a")


def test_callers_do_not_share_a_bucket() -> None:
    limits = Limits(per_second=1, burst=1, clock=Clock())
    limits.spend("a")
    limits.spend("b")
