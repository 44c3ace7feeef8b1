"""Where a webhook may lead: outside, or into a net that the operator of the server named.

Who may make webhooks is an admin of Fumo, not of the machine it runs on: an address must not lead
to services that trust that machine (A-rows of `docs/reference/faults.md`). What a name means is
looked at here and the connection goes to that very address, so that a name cannot mean something
else a moment later.
"""

import socket
from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TypeAlias

from fumo.errors import FumoError

Net: TypeAlias = IPv4Network | IPv6Network
NAT64 = ip_network("64:ff9b::/96")


class Inside(FumoError):
    """An address that a webhook may not reach."""


def places(host: str, port: int, secure: bool, nets: Sequence[Net]) -> list[str]:
    """The addresses of a host. Inside: one of them may not be reached. OSError: there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    texts = list(dict.fromkeys(str(each[4][0]) for each in found))
    for text in texts:
        check(text, secure, nets)
    return texts


def check(text: str, secure: bool, nets: Sequence[Net]) -> None:
    """Inside, unless this address may be told something."""
    address = ip_address(text.partition("%")[0])
    if any(address.version == net.version and address in net for net in nets):
        return
    if not all(one.is_global and not one.is_multicast for one in (address, *_within(address))):
        raise Inside(f"{address} is no address outside: name its net with --webhook-net")
    if not secure:
        raise Inside("http can be read on the way: use https, or name the net with --webhook-net")


def _within(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The address of the old kind that one of the new kind leads to."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in found if each is not None]
