"""Which addresses a source may have, and that the checked one is the one connected to."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import httpcore
import pytest
from fake_server import Answer, serving
from hypothesis import given
from hypothesis import strategies as st
from utc_clock import utc_now

from sightline.sources.address import GuardedNetwork, PrivateAddress, is_public, reachable_address
from sightline.sources.base import SourceUnavailable, Surroundings
from sightline.sources.http import Http

pytestmark = pytest.mark.req("PLT-2")

INNER = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 - refused, never bound
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:c0a8:101::",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::a9fe:a9fe",
    "2001:db8::1",
    "2001:0:4136:e378:8000:63bf:5601:5601",
]
OUTER = ["8.8.8.8", "104.16.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTER)
def test_outer_addresses_are_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_judged_as_itself(address: Any) -> None:
    number = int(address)
    high, low = number >> 16, number & 0xFFFF
    disguises = [f"::ffff:{address}", f"2002:{high:x}:{low:x}::1", f"64:ff9b::{high:x}:{low:x}"]
    assert {is_public(each) for each in disguises} == {is_public(str(address))}


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Return a function that sets what each look-up answers, one after the other, and lists the names looked up."""
    looked_up: list[str] = []

    def answer(*answers: list[str]) -> list[str]:
        rest = iter(answers)

        def look_up(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
            found = [host]
            if host != "127.0.0.1":
                looked_up.append(host)
                found = next(rest)
            return [
                (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
                for one in found
            ]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        return looked_up

    return answer


def test_a_name_with_one_inner_address_among_outer_ones_is_refused(names: Callable[..., list[str]]) -> None:
    names(["8.8.8.8", "169.254.169.254"])
    with pytest.raises(PrivateAddress, match=r"tricky\.example \(169\.254\.169\.254\)"):
        reachable_address("tricky.example", 443, allow_private=False)


def test_inner_addresses_are_allowed_when_an_admin_said_so(names: Callable[..., list[str]]) -> None:
    names(["10.0.0.7"])
    assert reachable_address("crm.intern", 443, allow_private=True) == "10.0.0.7"


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
def test_this_machine_by_another_name_is_refused(host: str, names: Callable[..., list[str]]) -> None:
    names(["127.0.0.1"])
    with pytest.raises(PrivateAddress):
        reachable_address(host, 80, allow_private=False)


def test_a_name_that_does_not_exist_may_exist_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(SourceUnavailable, match="nowhere"):
        reachable_address("nowhere.example", 443, allow_private=False)


def test_a_name_is_looked_up_once_and_the_checked_address_is_connected_to(
    names: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the second look-up would give the inner address."""
    looked_up = names(["8.8.8.8"], ["127.0.0.1"])
    connected: list[str] = []

    def connect(_: Any, host: str, *__: Any, **___: Any) -> httpcore.NetworkStream:
        connected.append(host)
        return httpcore.MockStream([])

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    GuardedNetwork(allow_private=False).connect_tcp("rebinding.example", 443)
    assert looked_up == ["rebinding.example"]
    assert connected == ["8.8.8.8"]


def test_a_name_that_turns_inner_between_requests_is_refused(names: Callable[..., list[str]]) -> None:
    with serving(lambda _: Answer({"inner": True})) as server:
        port = server.url.rsplit(":", 1)[1]
        names(["127.0.0.1"], ["127.0.0.1"])
        http = Http(
            f"http://rebinding.example:{port}", surroundings=Surroundings(now=utc_now, allow_private=True, patience=1.0)
        )
        assert http.json("GET", "/") == {"inner": True}
        http.close()
        http = Http(f"http://rebinding.example:{port}", surroundings=Surroundings(now=utc_now, patience=1.0))
        with pytest.raises(PrivateAddress):
            http.json("GET", "/")
        http.close()
        assert len(server.asked) == 1


def test_sockets_of_this_machine_are_no_source() -> None:
    with pytest.raises(PrivateAddress):
        GuardedNetwork(allow_private=True).connect_unix_socket("/run/docker.sock")
