"""A duty whose process ends because the server is stopped has not failed; one whose process dies by itself has."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cast import NOW
from sightline.home import Home
from sightline.jobs import own_process
from sightline.jobs.claims import claim
from sightline.jobs.duties import Duty
from sightline.jobs.models import DutyState
from sightline.jobs.own_process import in_own_process
from sightline.jobs.worker import do

pytestmark = [
    pytest.mark.req("PLT-11"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform == "win32", reason="signals are others there"),
]
Run = Callable[[str], DutyState]
SOON = 0.3


@pytest.fixture
def stopping(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return the order to stop, not given yet."""
    made = threading.Event()
    monkeypatch.setattr(own_process, "STOPPING", made)
    monkeypatch.setattr(own_process, "ORDER_SECONDS", 2.0)
    return made


@pytest.fixture
def run(home: Home, tmp_path: Path, stopping: threading.Event, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that does a duty whose process is a shell script, and returns the state after it."""

    def go(script: str) -> DutyState:
        file = tmp_path / "process"
        file.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\n{script}\n")
        file.chmod(0o755)
        monkeypatch.setattr(own_process.sys, "executable", str(file))
        duty = Duty("watch_data", timedelta(hours=1), in_own_process("watch_data"))
        assert do("watch_data", duty, "a", lambda: NOW)
        return DutyState.objects.get()

    return go


def problems(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def later(what: Callable[[], object]) -> None:
    timer = threading.Timer(SOON, what)
    timer.daemon = True
    timer.start()


def test_a_duty_that_is_stopped_with_the_server_did_not_fail_and_stays_due(
    run: Run, stopping: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    later(stopping.set)
    state = run("exec sleep 60")
    assert problems(caplog) == []
    assert (state.failures, state.lease_until, state.claimed_by) == (0, None, "")
    assert state.outcome == "watch_data was stopped with the server; it is run again when that is started"
    assert claim(name="watch_data", worker="the next", now=NOW)


def test_a_process_that_hears_of_the_stop_before_the_worker_did_not_fail(
    run: Run, stopping: threading.Event, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def stop_all() -> None:
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGTERM)
        later(stopping.set)

    later(stop_all)
    assert run("exec sleep 60").failures == 0
    assert problems(caplog) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_process_that_dies_by_itself_failed(
    run: Run, caplog: pytest.LogCaptureFixture, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_process, "ORDER_SECONDS", 0.1)
    state = run(f"kill -{number.value} $$")
    assert state.failures == 1
    assert f"ended with -{number.value}" in state.outcome
    assert problems(caplog) == ["duty watch_data failed"]


def test_an_error_while_the_server_stops_is_an_error_all_the_same(
    run: Run, stopping: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    stopping.set()
    state = run("trap 'exit 3' TERM; sleep 1 & wait")
    assert "ended with 3" in state.outcome
    assert problems(caplog) == ["duty watch_data failed"]
