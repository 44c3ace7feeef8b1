"""Sends pushes as UDP datagrams. Nothing tells whether one arrives."""

import socket

from fumo.dm.wsp import PUSH_PORT
from fumo.server.places import host_and_port


def place(text: str) -> tuple[str, int]:
    """HOST, HOST:PORT or [IPv6]:PORT; ValueError when it is none of them."""
    return host_and_port(text, PUSH_PORT)


def send(datagram: bytes, to: tuple[str, int]) -> None:
    """One datagram, once. OSError when the name or the way is not known."""
    found = socket.getaddrinfo(*to, type=socket.SOCK_DGRAM)
    family, kind, proto, _, address = found[0]
    with socket.socket(family, kind, proto) as ours:
        ours.sendto(datagram, address)
