"""Threads take turns at computing: one at a time, nobody for ever, and never while the engine works."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sightline.engines.duckdb import DuckDB
from sightline.engines.turns import TURNS, Turns

SLOW = "SELECT sum(sqrt(one.range * two.range)) AS total FROM range(20000) AS one, range(20000) AS two"


def test_one_thread_computes_at_a_time() -> None:
    turns = Turns(wait_limit_seconds=30)
    computing, most = [], []

    def work(_: int) -> None:
        for _ in range(50):
            with turns.taken():
                computing.append(1)
                most.append(len(computing))
                computing.pop()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert max(most) == 1
    assert len(most) == 400


def test_who_waited_for_the_limit_goes_on_without_a_turn() -> None:
    turns = Turns(wait_limit_seconds=0.01)
    with ThreadPoolExecutor(1) as pool, turns.taken():
        other = pool.submit(lambda: _mine_when_taken(turns))
        assert other.result(10) is False
        assert turns.mine  # the one that ends without a turn gives none back


def test_a_turn_taken_twice_is_had_once() -> None:
    turns = Turns(wait_limit_seconds=0.01)
    with turns.taken():
        with turns.taken():
            assert turns.mine
        assert turns.mine
    assert not turns.mine
    with turns.given_up():
        assert not turns.mine


def test_a_turn_comes_back_after_a_failure() -> None:
    turns = Turns(wait_limit_seconds=0.01)
    with pytest.raises(ValueError, match="broken"), turns.taken(), turns.given_up():
        raise ValueError("broken")
    assert _mine_when_taken(turns)


def test_others_compute_while_the_engine_works(tmp_path: Path) -> None:
    engine = DuckDB(tmp_path)
    began = threading.Event()
    ended = threading.Event()

    def ask() -> None:
        with TURNS.taken():
            began.set()
            engine.run(SLOW, {})
        ended.set()

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask)
        began.wait(10)
        with TURNS.taken():
            mine, over = TURNS.mine, ended.is_set()
        asked.result(60)
    engine.close()
    assert mine
    assert not over


def _mine_when_taken(turns: Turns) -> bool:
    with turns.taken():
        return turns.mine
