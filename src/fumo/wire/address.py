"""Where a DM message goes: an HTTP address in parts, checked once. No effects.

A peer may name one (RespURI), so anything that could break a request line or open another
connection than it says is refused here.
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

LENGTH_MAX = 2048  # characters of an address; DM devices allow 255 and more
HOST_MAX, LABEL_MAX = 253, 63  # characters of a host's name, and of each part of it
_PLAIN = re.compile(r"[!-~]+")
_PORTS = {"http": 80, "https": 443}


class Place(NamedTuple):
    """Where a connection leads."""

    secure: bool
    host: str
    port: int


class Address(NamedTuple):
    """A place, and the path to ask for there."""

    place: Place
    path: str


def parse(url: str) -> Address:
    """The address; ValueError says why it is none."""
    if len(url) > LENGTH_MAX or not _PLAIN.fullmatch(url):
        raise ValueError("an address of odd characters, or too long")
    parts = urlsplit(url)
    if not is_host(parts.hostname or ""):
        raise ValueError(f"no host that can be asked for: {url[:80]!r}")
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError(f"not an HTTP address: {url[:80]!r}")
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    if port == 0:
        raise ValueError("port 0 is nowhere")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(Place(parts.scheme == "https", parts.hostname, port), path)


def is_host(name: str) -> bool:
    """Can a name server, or the address itself, be asked for it (RFC 1035 2.3.4)?"""
    labels = name.removesuffix(".").split(".")
    return len(name) <= HOST_MAX and all(0 < len(label) <= LABEL_MAX for label in labels)
