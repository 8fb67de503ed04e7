"""Files that other processes read at the same time: replaced whole, one writer at a time."""

from __future__ import annotations

import os
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

from sightline.lake.turn import turn


def only_writer(folder: Path) -> AbstractContextManager[None]:
    """Hold the folder's write lock: other processes and threads wait."""
    return turn(folder / ".lock")


def replace(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write the file so that a reader, or a crash, sees the old content or the new, never a part."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
