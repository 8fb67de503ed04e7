"""The watchdog stops what is late, in order of deadline, and leaves alone what has ended."""

from __future__ import annotations

import threading
import time

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
