"""Blocks connections from a test to anything but this machine."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LOCAL_NAMES = frozenset({"localhost", "", "0.0.0.0", "::"})  # noqa: S104 - compared with, never bound


class NetworkBlocked(OSError):
    """A test tried to reach another machine: serve what it needs on 127.0.0.1, or use a recorded answer."""


@contextmanager
def no_network() -> Iterator[None]:
    """Refuse names and addresses of other machines while inside."""
    original = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}
    look_up = socket.getaddrinfo

    def guard(name: str) -> Any:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                _require_local(address[0])
            return original[name](self, address)

        return connect

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        _require_local(host)
        return look_up(host, *args, **kwargs)

    for name in original:
        setattr(socket.socket, name, guard(name))
    socket.getaddrinfo = guarded_look_up
    try:
        yield
    finally:
        for name, function in original.items():
            setattr(socket.socket, name, function)
        socket.getaddrinfo = look_up


def _require_local(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name in LOCAL_NAMES or name == socket.gethostname():
        return
    try:
        if ipaddress.ip_address(name.split("%")[0]).is_loopback:
            return
    except ValueError:
        pass
    raise NetworkBlocked(f'a test tried to reach "{name}"; only this machine is allowed')
