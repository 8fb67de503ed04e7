"""Keeps the memory of long-running processes small. The processes they fork inherit it."""

from __future__ import annotations

import ctypes
import os
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # from malloc.h of the GNU C library
TRIM_BYTES = 4 * 1024 * 1024
MMAP_BYTES = 1024 * 1024
"""Above the size of a page: each mapping of its own costs a fault of the processor per 4 kB, 47 for a dashboard."""


def keep_memory_small() -> None:
    """Give freed memory back to the system, at the cost of asking for it again.

    The C library keeps a heap per thread and Arrow one of its own; with many threads that was about 100 MB that nobody
    used any more (`sightline bench dashboards`). Other C libraries than GNU's are left as they are.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_TRIM_THRESHOLD, TRIM_BYTES)
        mallopt(M_MMAP_THRESHOLD, MMAP_BYTES)
