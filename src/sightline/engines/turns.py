"""Threads of one process that compute take turns.

Python runs one thread at a time anyway. When several compute, it hands over in the middle of their work, and each
hand-over costs: with four threads a cached page took a third more of the processor than with one. So a page computes
when it is its turn, and lets the next one in while the engine works for it. Nobody waits longer than the limit: a page
that computes for long shares with others as it would without turns.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

WAIT_LIMIT_SECONDS = 0.25


class Turns:
    """Who computes now, in the order of asking. Safe from many threads; a turn taken twice is had once."""

    def __init__(self, *, wait_limit_seconds: float = WAIT_LIMIT_SECONDS) -> None:
        self._mutex = threading.Lock()
        self._busy = False
        self._waiting: deque[threading.Lock] = deque()
        self._own = threading.local()
        self._limit = wait_limit_seconds

    @property
    def mine(self) -> bool:
        """Whether it is this thread's turn."""
        return getattr(self._own, "held", False)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn, at most the limit, and keep it until the end of the block."""
        if self.mine:
            yield
            return
        self._take()
        try:
            yield
        finally:
            self._give_up()

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """Let others compute in this block: for work without Python. A thread without the turn has none to give."""
        if not self.mine:
            yield
            return
        self._give_up()
        try:
            yield
        finally:
            self._take()

    def _take(self) -> None:
        with self._mutex:
            if not self._busy:
                self._busy = self._own.held = True
                return
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append(gate)
        called = gate.acquire(timeout=self._limit)
        if not called:
            with self._mutex:
                called = gate not in self._waiting  # called in the last moment
                if not called:
                    self._waiting.remove(gate)
        self._own.held = called

    def _give_up(self) -> None:
        if not self.mine:
            return
        self._own.held = False
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._busy = False


TURNS = Turns()
