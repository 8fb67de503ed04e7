"""Rendered boards and the pages around them, kept while what they show cannot have changed. Bounded, per process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

LARGEST = 32 * 1024 * 1024
"""All boards of a process together, in bytes."""

BOARD = "<!--board-->"
TOKEN = "form-token-of-this-request"  # noqa: S105 - a placeholder that is replaced, not a secret


@dataclass(frozen=True)
class Board:
    """A rendered board, as it is sent, and what the page around it needs of the view it was rendered from."""

    html: bytes
    title: str
    meta: str
    icon: str
    freshness: Any
    entity: str
    rows: str
    table: str
    member: str = ""
    is_archived: bool = False
    is_settled: bool = True


@dataclass(frozen=True)
class Frame:
    """The page around a board, for one person: what comes before it and after it. It holds no token of a form."""

    before: bytes
    after: bytes

    def around(self, board: bytes, *, token: str) -> bytes:
        """Return the whole page, with the form token of this request."""
        placeholder, own = TOKEN.encode(), token.encode()
        return b"".join((self.before.replace(placeholder, own), board, self.after.replace(placeholder, own)))


def frame_of(page: bytes) -> Frame:
    """Return a rendered page, in which BOARD and TOKEN stand for the board and the form token, as a frame."""
    before, after = page.split(BOARD.encode(), 1)
    return Frame(before, after)


Item = TypeVar("Item")


class Kept(Generic[Item]):
    """Things by key, bounded by their size together. The least recently used leave first."""

    def __init__(self, size_of: Callable[[Item], int], largest: int) -> None:
        self._size_of = size_of
        self._largest = largest
        self._size = 0
        self._kept: OrderedDict[Hashable, Item] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Item | None:
        """Return what is kept under this key, if it still is."""
        with self._lock:
            item = self._kept.get(key)
            if item is not None:
                self._kept.move_to_end(key)
            return item

    def put(self, key: Hashable, item: Item) -> None:
        """Keep something; older things leave when there is no room."""
        with self._lock:
            old = self._kept.pop(key, None)
            self._size += self._size_of(item) - (self._size_of(old) if old is not None else 0)
            self._kept[key] = item
            while self._size > self._largest and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                self._size -= self._size_of(gone)


BOARDS: Kept[Board] = Kept(lambda board: len(board.html), LARGEST)
FRAMES: Kept[Frame] = Kept(lambda frame: len(frame.before) + len(frame.after), LARGEST // 4)
