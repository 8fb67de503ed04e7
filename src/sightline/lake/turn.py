"""Taking turns: a lock per dataset that the operating system drops when its holder dies.

It only saves work, as the plan of a writer that lost the race is made again. What makes concurrent writers correct is
that a commit must directly follow the version it was planned on (`lake.table`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Hold the lock at `path` while the block runs; waits for whoever holds it, in any thread or process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def turn_if_free(path: Path) -> Iterator[bool]:
    """Yield True while holding the lock at `path`, or False at once when somebody else has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
