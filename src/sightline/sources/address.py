"""Which addresses a connector may reach: public ones; those of this machine and of private networks only when allowed.

The address that was checked is the one connected to, so a name that resolves differently a moment later (DNS rebinding)
or a redirect changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

import httpcore

from sightline.sources.base import SourceError, SourceUnavailable

SHARED_WITH_NOBODY = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that stand for IPv4 ones: judged by what they stand for."""

INNER = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "::/96", "64:ff9b:1::/48")))
"""Networks that older Pythons call global: special ones (a cloud's metadata), IPv4 in IPv6 of old, local NAT64."""


class PrivateAddress(SourceError):
    """A source on this machine or in a private network, which nobody allowed."""

    code = "SL-E304"


def reachable_address(host: str, port: int, *, allow_private: bool) -> str:
    """Return the IP address to connect to. Raises PrivateAddress, or SourceUnavailable when the name has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceUnavailable(
            f'the name "{host}" cannot be resolved: {error}', hint="Check the address of the source."
        ) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not allow_private:
        _require_public(host, addresses)
    return addresses[0]


def _require_public(host: str, addresses: Iterable[str]) -> None:
    for address in addresses:
        if not is_public(address):
            shown = host if host == address else f"{host} ({address})"
            raise PrivateAddress(
                f"{shown} is an address of this machine or of a private network",
                hint='An admin can set "private_network: true" on the source to allow it.',
            )


def is_public(address: str) -> bool:
    """Return whether an IP address can be reached from anywhere, so that it is nobody's inner network."""
    found = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in SHARED_WITH_NOBODY:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast and not any(found in network for network in INNER)


class GuardedNetwork(httpcore.SyncBackend):
    """Opens connections for the HTTP client, to allowed addresses only."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> httpcore.NetworkStream:
        """Connect to the checked address of a host."""
        address = reachable_address(host, port, allow_private=self._allow_private)
        return super().connect_tcp(address, port, *args, **options)

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        """Refuse: no source is reached that way."""
        raise PrivateAddress("sources are not reached through sockets of this machine")
