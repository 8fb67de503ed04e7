"""How often one caller may ask: a bucket of requests that refills steadily. Counted in each web process by itself."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sightline.api.errors import TooManyRequests

PER_SECOND = 20.0
BURST = 200.0
_MOST_CALLERS = 10_000


@dataclass
class _Bucket:
    left: float
    filled_at: float


class Limits:
    """The buckets of all callers. `clock` counts seconds and never goes back."""

    def __init__(self, *, per_second: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second = per_second
        self.burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, _Bucket] = {}

    def spend(self, caller: str) -> None:
        """Take a request from the caller's bucket. Raises TooManyRequests, with the time to wait, when it is empty."""
        with self._lock:
            now = self._clock()
            bucket = self._buckets.get(caller)
            if bucket is None:
                self._forget_idle(now)
                bucket = self._buckets[caller] = _Bucket(self.burst, now)
            bucket.left = min(self.burst, bucket.left + (now - bucket.filled_at) * self.per_second)
            bucket.filled_at = now
            if bucket.left >= 1:
                bucket.left -= 1
                return
            wait = (1 - bucket.left) / self.per_second
        raise TooManyRequests(
            f"too many requests: {self.burst:g} at once, then {self.per_second:g} a second",
            retry_after=max(1, math.ceil(wait)),
            hint="wait as long as Retry-After says; ask for several metrics in one question",
        )

    def _forget_idle(self, now: float) -> None:
        if len(self._buckets) >= _MOST_CALLERS:
            full_after = self.burst / self.per_second
            self._buckets = {name: each for name, each in self._buckets.items() if now - each.filled_at < full_after}

    def reset(self) -> None:
        """Forget every caller."""
        with self._lock:
            self._buckets.clear()


LIMITS = Limits(per_second=PER_SECOND, burst=BURST)
