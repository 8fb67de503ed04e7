"""The watchdog stops what is late, in order of deadline, and leaves alone what has ended."""

from __future__ import annotations

import sys
import threading
import time
from importlib import util

import duckdb
import pytest

from sightline.engines.watchdog import Watchdog


def test_what_ends_in_time_is_left_alone() -> None:
    stopped = threading.Event()
    with Watchdog().limits(stopped.set, 0.05):
        pass
    time.sleep(0.15)
    assert not stopped.is_set()


def test_what_takes_too_long_is_stopped() -> None:
    stopped = threading.Event()
    with Watchdog().limits(stopped.set, 0.05):
        assert stopped.wait(5)


def test_a_shorter_limit_begun_later_is_kept() -> None:
    dog, order, done = Watchdog(), list[str](), threading.Event()
    with (
        dog.limits(lambda: (order.append("long"), done.set())[0], 0.4),
        dog.limits(lambda: order.append("short"), 0.05),
    ):
        assert done.wait(5)
    assert order == ["short", "long"]


@pytest.mark.skipif(
    util.find_spec("pandas") is not None, reason="pandas is installed here, so its absence cannot be seen"
)
def test_binding_a_value_still_looks_for_pandas() -> None:
    """Pins what engines/duckdb.py works around: when this fails, take the workaround out."""
    looked: list[str] = []

    class Finder:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            looked.append(name)

    finder, kept = Finder(), sys.modules.pop("pandas", None)
    sys.meta_path.insert(0, finder)  # type: ignore[arg-type] # the part of the protocol that is called
    try:
        duckdb.connect().execute("SELECT $a", {"a": 1})
    finally:
        sys.meta_path.remove(finder)  # type: ignore[arg-type] # the same object
        sys.modules["pandas"] = kept  # type: ignore[assignment] # None marks it absent again
    assert "pandas" in looked
