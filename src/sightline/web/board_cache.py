"""Rendered boards, kept while nothing they show can have changed. One per process, bounded by size."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

LARGEST = 32 * 1024 * 1024
"""All boards of a process together, in characters."""


@dataclass(frozen=True)
class Board:
    """A rendered board and what the page around it needs of the view it was rendered from."""

    html: str
    title: str
    meta: str
    icon: str
    freshness: Any
    entity: str
    rows: str
    table: str


class Boards:
    """The least recently used boards leave first."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._size = 0
        self._kept: OrderedDict[Hashable, Board] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Board | None:
        """Return the board under this key, if it is still kept."""
        with self._lock:
            board = self._kept.get(key)
            if board is not None:
                self._kept.move_to_end(key)
            return board

    def put(self, key: Hashable, board: Board) -> None:
        """Keep a board; older ones leave when there is no room."""
        with self._lock:
            old = self._kept.pop(key, None)
            self._size += len(board.html) - (len(old.html) if old else 0)
            self._kept[key] = board
            while self._size > self._largest and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                self._size -= len(gone.html)


BOARDS = Boards()
