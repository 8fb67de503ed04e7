"""By its name the holder of a claim is known to be gone: only here, and not because another has its number now."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sightline.ingest import processes
from sightline.ingest.processes import is_gone, process_here

pytestmark = [pytest.mark.req("PLT-2"), pytest.mark.skipif(sys.platform == "win32", reason="nobody is asked there")]
SHOW = "from sightline.ingest.processes import process_here; print(process_here('x'), flush=True); input()"
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only there is known when a process began")


@pytest.fixture
def other() -> Iterator[subprocess.Popen[str]]:
    """Return a process that tells its name and waits."""
    started = subprocess.Popen([sys.executable, "-c", SHOW], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield started
    started.kill()
    started.communicate()


def name_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_process_that_runs_is_there_and_one_that_was_killed_is_gone(other: subprocess.Popen[str]) -> None:
    name = name_of(other)
    assert str(other.pid) in name
    assert name.endswith(":x")
    assert not is_gone(name)
    other.kill()
    other.wait()
    assert is_gone(name)


@on_linux
def test_a_dead_process_that_nobody_took_note_of_is_gone(other: subprocess.Popen[str]) -> None:
    name = name_of(other)
    other.kill()
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(name)


@on_linux
def test_another_process_with_the_same_number_is_not_it() -> None:
    mine = process_here()
    place, _, process = mine.rpartition(":")
    number, _, begun = process.partition("/")
    assert not is_gone(mine)
    assert not is_gone(process_here("thread", 7))
    assert is_gone(f"{place}:{number}/{int(begun) - 1}")
    assert not is_gone(f"{place}:{number}/")


def test_nothing_is_known_of_a_process_elsewhere_or_before_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = process_here().replace(f":{os.getpid()}/", ":999999999/")
    assert is_gone(gone)
    assert not is_gone(f"elsewhere{gone}")
    assert not is_gone(f"{socket.gethostname()}:999999999")  # as names were before
    for name in ("", "a", "killed", ":", "x:y/z"):
        assert not is_gone(name)
    processes._place.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(processes, "BOOT", processes.BOOT.with_name("of another start"))
        assert not is_gone(gone) or sys.platform != "linux"
    processes._place.cache_clear()
