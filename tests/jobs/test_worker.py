"""The worker does what is due, once, and goes on after failures and kills."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from cast import NOW
from sightline.home import Home
from sightline.ingest.processes import process_here
from sightline.jobs import own_process
from sightline.jobs import worker as module
from sightline.jobs.claims import FIRST_DELAY, GRACE, LEASE, MOST_DELAY, claim, extend, fail, finish
from sightline.jobs.duties import DUTIES, Duty
from sightline.jobs.models import DutyState
from sightline.jobs.own_process import HEAVY, DutyFailed, in_own_process, run_heavy
from sightline.jobs.worker import run_once
from sightline.registry import Registry

pytestmark = [pytest.mark.req("PLT-11"), pytest.mark.django_db(transaction=True)]
EVERY = timedelta(hours=1)


def take(worker: str = "a", *, at: datetime = NOW) -> bool:
    return claim(name="duty", worker=worker, now=at)


def test_a_new_duty_is_due_at_once_and_only_one_worker_gets_it() -> None:
    assert take("a")
    assert not take("b")


def test_a_finished_duty_is_due_again_after_its_interval() -> None:
    take()
    finish(name="duty", worker="a", now=NOW, every=EVERY, outcome="done")
    assert not take(at=NOW + EVERY - timedelta(seconds=1))
    assert take("b", at=NOW + EVERY)


@pytest.mark.req("PLT-2")
def test_the_claim_of_a_killed_worker_runs_out() -> None:
    take("killed")
    assert not take("b", at=NOW + LEASE - timedelta(seconds=1))
    assert take("b", at=NOW + LEASE)
    assert not extend(name="duty", worker="killed", now=NOW + LEASE)
    finish(name="duty", worker="killed", now=NOW + LEASE, every=EVERY, outcome="late")
    assert DutyState.objects.get().claimed_by == "b"


@pytest.mark.req("PLT-2")
@pytest.mark.skipif(sys.platform == "win32", reason="nobody is asked there whether a process is gone")
def test_the_claim_of_a_worker_that_is_known_to_be_gone_is_taken_over_at_once() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead = process_here().replace(f":{os.getpid()}/", f":{gone.pid}/")
    take(dead)
    assert not take("b", at=NOW + timedelta(seconds=1))  # what it had started ends
    assert not take("b", at=NOW + timedelta(seconds=1) + GRACE / 2)
    assert take("b", at=NOW + timedelta(seconds=1) + GRACE)
    assert not extend(name="duty", worker=dead, now=NOW + GRACE)


def test_the_claim_of_a_worker_that_runs_here_is_left_alone() -> None:
    take(process_here())
    assert not take("b", at=NOW + timedelta(seconds=1))
    assert not take("b", at=NOW + LEASE - timedelta(seconds=1))


def test_a_worker_that_is_alive_keeps_its_claim() -> None:
    take("a")
    assert extend(name="duty", worker="a", now=NOW + LEASE / 2)
    assert not take("b", at=NOW + LEASE)


def test_failures_in_a_row_wait_longer_up_to_an_hour() -> None:
    at, delays = NOW, []
    for _ in range(9):
        assert take(at=at)
        fail(name="duty", worker="a", now=at, outcome="broken")
        due = DutyState.objects.get().due_at
        delays.append(due - at)
        at = due
    assert delays[:3] == [FIRST_DELAY, FIRST_DELAY * 2, FIRST_DELAY * 4]
    assert delays[-1] == MOST_DELAY
    take(at=at)
    finish(name="duty", worker="a", now=at, every=EVERY, outcome="")
    assert DutyState.objects.get().failures == 0


def test_a_duty_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(now: datetime) -> str:
        raise ValueError("no")

    did: list[datetime] = []
    duties = [Duty("broken", EVERY, broken), Duty("good", EVERY, lambda now: did.append(now) or "done")]
    monkeypatch.setattr(module, "DUTIES", Registry("duty", {duty.name: duty for duty in duties}))
    assert run_once(worker="a", clock=lambda: NOW) == ["broken", "good"]
    assert did == [NOW]
    assert DutyState.objects.get(name="broken").outcome == "failed: no"
    assert run_once(worker="a", clock=lambda: NOW) == []


def test_a_duty_without_work_is_not_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    idle = Duty("idle", EVERY, lambda now: "x", finds_work=lambda now: False)
    monkeypatch.setattr(module, "DUTIES", Registry("duty", {"idle": idle}))
    assert run_once(worker="a", clock=lambda: NOW) == []
    assert not DutyState.objects.exists()


def test_every_duty_runs_on_an_empty_installation_and_may_run_again(home: Home) -> None:
    light = [duty.run for name, duty in DUTIES.items() if name not in HEAVY]
    heavy = [lambda now, name=name: run_heavy(name, now=now) for name in HEAVY]
    for _ in range(2):
        assert [run(NOW) for run in (*light, *heavy)] == [""] * len(DUTIES)


def test_a_heavy_duty_runs_in_a_process_of_its_own_over_the_same_home(home: Home) -> None:
    assert in_own_process("maintain_lakes")(NOW) == ""


@pytest.mark.req("PLT-2")
def test_a_heavy_duty_that_dies_is_a_failure_of_the_duty_only(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_process.sys, "executable", "/bin/false")
    with pytest.raises(DutyFailed, match="ended with 1"):
        in_own_process("maintain_lakes")(NOW)
