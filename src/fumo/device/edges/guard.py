"""Where packages may come from: no server points the device at itself, or at what is only near it.

A PkgURL, a redirect and a descriptor are a stranger's words. So each connection is made to an
address that was looked at after its name was resolved, and to no other: a name that is resolved
anew in between gains nothing. Hosts that the device's maker named are asked whatever their address
is. Private networks are allowed: factories and homes have depots of their own.
"""

import socket
from collections.abc import Callable, Collection, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, TypeAlias

from fumo.device.edges.trouble import Trouble
from fumo.update.failures import Cause, failure

ADDRESSES_MAX = 4
"""Of one name: each of them may cost a whole time-out."""
METADATA = frozenset(map(ip_address, ("100.100.100.200", "fd00:ec2::254")))
"""Clouds answer here for whoever asks from inside; their other addresses are link-local."""
TRANSLATED = IPv6Network("64:ff9b::/96")

Found: TypeAlias = tuple[int, Any]
"""The family of an address, and the address as sockets take it."""
Resolve: TypeAlias = Callable[[str, int], Iterable[Found]]
Address: TypeAlias = IPv4Address | IPv6Address


def resolve(host: str, port: int) -> list[Found]:
    """What the system's resolver knows of a name. OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


def forbidden(text: str) -> bool:
    """Is this an address that no stranger's word may lead to?"""
    address = _inner(ip_address(text.partition("%")[0]))
    return (
        address.is_loopback
        or address.is_link_local
        or address.is_unspecified
        or address.is_multicast
        or address.is_reserved
        or address in METADATA
        or (isinstance(address, IPv4Address) and address.packed[0] == 0)  # "this network"
    )


class Guard:
    """Makes the connections of downloads."""

    def __init__(self, hosts: Collection[str] = (), resolve: Resolve = resolve) -> None:
        """`hosts` may be asked whatever their addresses are."""
        self._hosts = frozenset(map(_plain, hosts))
        self._resolve = resolve

    def connect(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """A connection to an address of this host that may be asked; Trouble when none may."""
        found = list(self._resolve(host, port))[:ADDRESSES_MAX]
        if _plain(host) in self._hosts:
            return _first_that_answers(found, timeout_s)
        found = [one for one in found if not forbidden(str(one[1][0]))]
        return _to_another(_first_that_answers(found, timeout_s))


def _first_that_answers(found: list[Found], timeout_s: float) -> socket.socket:
    error: OSError | Trouble = Trouble(failure(Cause.FORBIDDEN_HOST))
    for family, address in found:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(timeout_s)
            sock.connect(address)
            return sock
        except OSError as one:
            sock.close()
            error = one
    raise error


def _to_another(sock: socket.socket) -> socket.socket:
    """Trouble when both ends are this device, which has addresses of every kind."""
    if sock.getsockname()[0] == sock.getpeername()[0]:
        sock.close()
        raise Trouble(failure(Cause.FORBIDDEN_HOST))
    return sock


def _plain(host: str) -> str:
    return host.lower().removesuffix(".").strip("[]")


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in TRANSLATED:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address
