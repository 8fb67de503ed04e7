"""Taking turns: a lock per dataset that the operating system drops when its holder dies.

It only saves work, as the plan of a writer that lost the race is made again. What makes concurrent writers correct is
that a commit must directly follow the version it was planned on (`lake.table`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Hold the lock at `path` while the block runs; waits for whoever holds it, in any thread or process."""
    while True:
        with _opened(path) as file:
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX)
            if _is_at(path, file):
                yield
                return


@contextmanager
def turn_if_free(path: Path) -> Iterator[bool]:
    """Yield True while holding the lock at `path`, or False at once when somebody else has it."""
    with _opened(path) as file:
        try:
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield _is_at(path, file)


def _opened(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("a")


def _is_at(path: Path, file: IO[str]) -> bool:
    """Whether the lock file was not removed by its last holder while we waited for it."""
    try:
        return os.fstat(file.fileno()).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False
