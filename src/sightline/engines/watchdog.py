"""One thread that stops what takes too long; a thread per query would cost more than many queries do."""

from __future__ import annotations

import heapq
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Watchdog:
    """Calls `stop` of whatever has not ended within its seconds. Safe from many threads, and after a fork."""

    def __init__(self) -> None:
        self._reset()
        os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._changed = threading.Condition()
        self._deadlines: list[tuple[float, int]] = []
        self._running: dict[int, Callable[[], None]] = {}
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    @contextmanager
    def limits(self, stop: Callable[[], None], seconds: float) -> Iterator[None]:
        """Call `stop` from another thread unless the block ends in time."""
        number = next(self._numbers)
        with self._changed:
            self._running[number] = stop
            first = not self._deadlines
            heapq.heappush(self._deadlines, (time.monotonic() + seconds, number))
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
                self._thread.start()
            elif first:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._running.pop(number, None)

    def _watch(self) -> None:
        with self._changed:
            while True:
                if not self._deadlines:
                    self._changed.wait()
                    continue
                due, number = self._deadlines[0]
                if number not in self._running:
                    heapq.heappop(self._deadlines)
                elif due > time.monotonic():
                    self._changed.wait(due - time.monotonic())
                else:
                    heapq.heappop(self._deadlines)
                    self._running.pop(number)()
