"""Exact cache of answers: by plan, policy, definitions and dataset versions, so an answer is never stale."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

ENTRIES = 1500
BYTES = 24 * 1024 * 1024
LARGEST = 4 * 1024 * 1024


class AnswerCache:
    """Keeps the most recently used answers within a number and a size. Safe from many threads."""

    def __init__(self, *, entries: int = ENTRIES, size: int = BYTES) -> None:
        self._entries, self._size = entries, size
        self._answers: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()
        self.hits = 0
        self.misses = 0

    def get(self, key: Hashable) -> Any | None:
        """Return the answer, or None."""
        with self._lock:
            found = self._answers.get(key)
            if found is None:
                self.misses += 1
                return None
            self._answers.move_to_end(key)
            self.hits += 1
            return found[0]

    def put(self, key: Hashable, answer: Any, *, size: int) -> None:
        """Keep an answer of `size` bytes, unless it alone would push out much else."""
        if size > LARGEST:
            return
        with self._lock:
            self._held -= self._answers.pop(key, (None, 0))[1]
            self._answers[key] = (answer, size)
            self._held += size
            while self._held > self._size or len(self._answers) > self._entries:
                _, (_, freed) = self._answers.popitem(last=False)
                self._held -= freed

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()
            self._held = 0
