"""HTTP to a source: what is tried again and after how long, where credentials go, and what messages show."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx
import pytest
from behaviour import Clock
from fake_server import FAULTS, Answer, Asked, FakeServer, serving

from sightline.sources.base import SourceAnswer, SourceRefused, SourceUnavailable, Surroundings
from sightline.sources.http import FIRST_WAIT, LONGEST_RETRY_AFTER, MOST_WAIT, Http, Token, TryAgain

pytestmark = pytest.mark.req("PLT-2", "PRG-1.2")

SECRET = "tok-5up3r-secret"


@contextmanager
def source(
    answer: Callable[[Asked], Answer] = lambda _: Answer({"ok": True}), *, seed: int = 1, **options: object
) -> Iterator[tuple[Http, FakeServer, Clock]]:
    """Run a server and a client of it that carries a secret token."""
    clock = Clock()
    surroundings = Surroundings(
        allow_private=True,
        now=clock,
        sleep=clock.sleep,
        rng=random.Random(seed),  # noqa: S311 - jitter of a test
        patience=0.4,
    )
    with serving(answer) as server:
        options = {"credentials": Token(SECRET), **options}
        http = Http(f"{server.url}/api", surroundings=surroundings, **options)  # type: ignore[arg-type] - varied options
        try:
            yield http, server, clock
        finally:
            http.close()


def test_an_answer_is_read_with_credentials_and_parameters() -> None:
    with source() as (http, server, _):
        assert http.json("GET", "/items", params={"a": "b c"}) == {"ok": True}
    (asked,) = server.asked
    assert (asked.path, asked.query) == ("/api/items", {"a": "b c"})
    assert asked.headers["Authorization"] == f"Bearer {SECRET}"


def test_waits_double_up_to_a_bound_and_carry_jitter() -> None:
    waits = []
    for seed in (1, 2):
        with source(seed=seed, attempts=10) as (http, server, clock):
            server.fail("broken", 9)
            http.json("GET", "/items")
            waits.append(clock.slept)
    for taken in waits:
        for number, seconds in enumerate(taken, 1):
            assert 0.5 <= seconds / min(FIRST_WAIT * 2**number, MOST_WAIT) <= 1.0
    assert waits[0] != waits[1]


@pytest.mark.parametrize("kind", ["limited", "limited until"])
def test_the_wait_a_source_asks_for_is_kept_by_its_own_clock(kind: str) -> None:
    """The server's clock is years ahead of ours: only the distance from its own Date counts."""
    with source() as (http, server, clock):
        server.fail(kind)
        http.json("GET", "/items")
    (seconds,) = clock.slept
    assert 7.0 <= seconds <= 7.5


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [("0", 0.0, 0.5), ("soon", 0.5, 1.0), ("-5", 0.5, 1.0), ("", 0.5, 1.0), ("Wed, 99 Foo 2026", 0.5, 1.0)],
)
def test_an_unreadable_retry_after_is_left_aside(value: str, least: float, most: float) -> None:
    answers = iter([Answer({}, 429, {"Retry-After": value}), Answer({})])
    with source(lambda _: next(answers)) as (http, _, clock):
        http.json("GET", "/items")
    assert least <= clock.slept[0] <= most


def test_a_source_that_asks_for_too_long_a_wait_is_left_for_the_next_sync() -> None:
    headers = {"Retry-After": str(int(LONGEST_RETRY_AFTER) + 1)}
    with source(lambda _: Answer({}, 429, headers)) as (http, server, clock):
        with pytest.raises(SourceUnavailable, match="after 1 attempt"):
            http.json("GET", "/items")
        assert len(server.asked) == 1
    assert clock.slept == []


@pytest.mark.parametrize(
    "kind", [*(kind for kind in FAULTS if FAULTS[kind].status != 200), "cut off", "slow", "not json"]
)
def test_a_failure_names_address_and_reason_but_no_secret(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with source(attempts=2) as (http, server, _):
        server.fail(kind, None)
        with pytest.raises((SourceAnswer, SourceRefused, SourceUnavailable)) as caught:
            http.json("GET", "/items", params={"key": "in-the-query"})
        assert f"{server.url}/api/items" in str(caught.value)
    said = f"{caught.value} {caught.value!r}"
    assert SECRET not in said + caplog.text
    assert "in-the-query" not in said


def test_a_source_that_cannot_be_reached_is_unavailable() -> None:
    with source() as (http, server, clock):
        server.stop()
        with pytest.raises(SourceUnavailable, match="ConnectError"):
            http.json("GET", "/items")
    assert len(clock.slept) == 5


def test_an_answer_that_repeats_our_credentials_is_quoted_without_them() -> None:
    echo = source(lambda asked: Answer({"you sent": asked.headers["Authorization"]}, 401))
    with echo as (http, _, _clock), pytest.raises(SourceRefused) as caught:
        http.json("GET", "/items")
    assert SECRET not in str(caught.value)
    assert "you sent" in str(caught.value)


def test_a_long_answer_is_quoted_in_part() -> None:
    with source(lambda _: Answer(b"x" * 5000, 400)) as (http, _, _clock), pytest.raises(SourceAnswer) as caught:
        http.json("GET", "/items")
    assert len(str(caught.value)) < 500


class Renewable:
    """Credentials that can be renewed `times` times."""

    def __init__(self, times: int) -> None:
        self.times, self.number = times, 0

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.number}"}

    def renew(self) -> bool:
        self.number += 1
        return self.number <= self.times


@pytest.mark.parametrize(("accepted", "requests"), [("1", 2), ("7", 2)])
def test_refused_credentials_are_renewed_once(accepted: str, requests: int) -> None:
    def answer(asked: Asked) -> Answer:
        return Answer({}, 200 if asked.headers["Authorization"] == f"Bearer {accepted}" else 401)

    with source(answer, credentials=Renewable(3)) as (http, server, clock):
        if accepted == "1":
            http.json("GET", "/items")
        else:
            with pytest.raises(SourceRefused):
                http.json("GET", "/items")
        assert len(server.asked) == requests
    assert clock.slept == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    with serving(lambda _: Answer({"stolen": True})) as other:
        headers = {"Location": f"{other.url}/elsewhere"}
        with source(lambda _: Answer({}, status, headers)) as (http, _, _clock), pytest.raises(SourceAnswer):
            http.json("GET", "/items")
        assert other.asked == []


def test_links_to_another_host_are_refused_before_credentials_are_sent() -> None:
    with serving(lambda _: Answer({})) as other, source() as (http, _, _clock):
        with pytest.raises(SourceAnswer, match="another address"):
            http.json("GET", f"{other.url}/next?token=abc")
        assert other.asked == []


def test_links_to_the_own_host_are_followed() -> None:
    with source() as (http, server, _):
        assert http.json("GET", f"{server.url}/other/next?at=2") == {"ok": True}
    assert (server.asked[0].path, server.asked[0].query) == ("/other/next", {"at": "2"})


def test_a_pace_is_kept() -> None:
    with source(per_second=4.0) as (http, _, clock):
        for _ in range(9):
            http.json("GET", "/items")
    assert sum(clock.slept) == pytest.approx(2.0)


def test_a_judge_may_call_an_answer_passing_or_final() -> None:
    def judge(answer: httpx.Response) -> None:
        if answer.status_code == 418:
            raise TryAgain("a teapot", 3.0)

    with source(lambda _: Answer({}, 418), judge=judge) as (http, server, clock):
        with pytest.raises(SourceUnavailable, match="a teapot"):
            http.json("GET", "/items")
        assert len(server.asked) == 6
    assert all(3.0 <= seconds <= 3.5 for seconds in clock.slept)


def test_the_time_of_the_source_is_known() -> None:
    theirs = Clock()
    theirs.tick(5000)
    with source() as (http, server, clock):
        assert http.source_time() == clock.now
        server._clock = theirs
        http.json("GET", "/items")
        assert http.source_time() == theirs.now


def test_nothing_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy or a .netrc of the machine must not see or change what we send."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with source() as (http, _, _clock):
        assert http.json("GET", "/items") == {"ok": True}
