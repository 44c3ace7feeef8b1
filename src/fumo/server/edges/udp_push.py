"""Sends pushes as UDP datagrams. Nothing tells whether one arrives."""

import socket
from urllib.parse import urlsplit

from fumo.dm.wsp import PUSH_PORT


def place(text: str) -> tuple[str, int]:
    """HOST, HOST:PORT or [IPv6]:PORT; ValueError when it is none of them."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.netloc != text or "@" in text or parts.port == 0:
        raise ValueError(f"{text!r} is no host and port")
    return parts.hostname, parts.port or PUSH_PORT


def send(datagram: bytes, to: tuple[str, int]) -> None:
    """One datagram, once. OSError when the name or the way is not known."""
    found = socket.getaddrinfo(*to, type=socket.SOCK_DGRAM)
    family, kind, proto, _, address = found[0]
    with socket.socket(family, kind, proto) as ours:
        ours.sendto(datagram, address)
