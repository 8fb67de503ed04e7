"""Names of processes that hold a claim: by its name one that was killed is known to be gone, before its lease runs out.

A name says the machine since it was started, the space in which its process numbers count (a container has its own),
the number and, as numbers are given again, when the process began. Of a process elsewhere nothing is known.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import socket
import sys
from contextlib import suppress
from pathlib import Path

BOOT, SPACE = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
_NAME = re.compile(r"(?P<place>[^:]+):(?P<process>\d+)/(?P<begun>\d*)(:|$)")
_DEAD = ("Z", "X")


def process_here(*parts: object) -> str:
    """Return the name of this process, with what tells several holders in it apart."""
    process = os.getpid()
    return ":".join(str(part) for part in (_place(), f"{process}/{_state_and_begin(process)[1]}", *parts))


def is_gone(name: str) -> bool:
    """Return whether the process of a name is known to have ended. False when nobody here can tell."""
    named = _NAME.match(name)
    if named is None or named["place"] != _place() or sys.platform == "win32":  # there, asking a process may end it
        return False
    process = int(named["process"])
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:  # it is somebody else's, so it is there
        pass
    state, begun = _state_and_begin(process)
    return state in _DEAD or bool(begun and named["begun"] and begun != named["begun"])


@functools.cache
def _place() -> str:
    """Return the machine, and a digest of since when and in which space of process numbers. Linux only knows these."""
    known = []
    with suppress(OSError):
        known = [BOOT.read_text().strip(), str(SPACE.readlink())]
    digest = hashlib.sha256(" ".join(known).encode()).hexdigest()[:12]
    return f"{socket.gethostname()[:60]}/{digest if known else ''}"


def _state_and_begin(process: int) -> tuple[str, str]:
    """Return a process's state and when it began, in ticks since the machine was started; empty when not to be read."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "", ""
    return fields[0], fields[19]
