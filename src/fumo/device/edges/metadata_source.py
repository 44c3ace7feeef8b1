"""Signed metadata over plain GETs of the standard library, bounded in bytes and in time.

What comes is believed by nobody yet, so it may be anything: the bounds hold for one look-up as a
whole, however many files it takes. Redirects are not followed: the address was configured.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from fumo.wire.tls import package_side

PIECE = 16 * 1024
PLAIN_ASCII = range(0x21, 0x7F)
PORTS = {"http": 80, "https": 443}

Get: TypeAlias = Callable[[str, float], Iterator[bytes]]
"""(URL, seconds left) → the body, a piece at a time. Refused, OSError or HTTPException."""


class Bounds(Struct, frozen=True):
    """Of one look-up. A device with many packages has them in bins, so that each file is small."""

    look_up_s: float = 60.0
    bytes_max: int = 8 * 1024 * 1024
    root_bytes_max: int = 256 * 1024
    timestamp_bytes_max: int = 16 * 1024
    snapshot_bytes_max: int = 1024 * 1024
    targets_bytes_max: int = 4 * 1024 * 1024
    root_rotations_max: int = 64
    delegations_max: int = 8


class Refused(Exception):
    """The server answered, but not with the file."""

    def __init__(self, status: int) -> None:
        """An HTTP status other than 200."""
        super().__init__(f"HTTP status {status}")
        self.status = status


class TooSlow(Exception):
    """The time of the look-up is over."""


class TooMuch(Exception):
    """The bytes of the look-up are used up."""


class Source:
    """One look-up's view of the repository."""

    def __init__(self, get: Get, bounds: Bounds, now_s: Callable[[], float] = time.monotonic):
        """The time runs from here on."""
        self._get, self._bounds, self._now_s = get, bounds, now_s
        self._until_s = now_s() + bounds.look_up_s
        self._left = bounds.bytes_max

    def pieces(self, url: str) -> Iterator[bytes]:
        """One file."""
        for piece in self._get(url, self._rest_s()):
            self._left -= len(piece)
            if self._left < 0:
                raise TooMuch(f"more than {self._bounds.bytes_max} bytes of metadata")
            self._rest_s()
            yield piece
        self._rest_s()  # a connection that was ended because of it looks like a file that ended

    def _rest_s(self) -> float:
        """How long the rest may take; TooSlow when it may not at all."""
        rest_s = self._until_s - self._now_s()
        if rest_s <= 0:
            raise TooSlow(f"no metadata within {self._bounds.look_up_s:g} s")
        return rest_s


class HttpGet:
    """Implements `Get`."""

    def __init__(self, tls: ssl.SSLContext | None = None, silence_s: float = 10.0) -> None:
        """`tls` replaces the default context, which checks names against the system's roots."""
        self._tls = tls
        self._silence_s = silence_s

    def __call__(self, url: str, rest_s: float) -> Iterator[bytes]:
        """The body, in what pieces it comes."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        with self._connected(parts, rest_s) as connection.sock:
            headers = {"Accept-Encoding": "identity", "User-Agent": "fumo", "Connection": "close"}
            connection.request("GET", parts.path, headers=headers)
            with connection.getresponse() as answer:
                if answer.status != 200:
                    raise Refused(answer.status)
                while piece := answer.read1(PIECE):
                    yield piece
                if answer.length:
                    raise http.client.IncompleteRead(b"", answer.length)

    @contextmanager
    def _connected(self, parts: SplitResult, rest_s: float) -> Iterator[socket.socket]:
        """A socket that dies when the time is over, wherever it is then: a time-out alone counts
        from byte to byte, and a server may drip its handshake and its headers, too."""
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        silence_s = min(rest_s, self._silence_s)
        with socket.create_connection((host, port), silence_s) as raw, raw.dup() as twin:
            timer = threading.Timer(rest_s, _hang_up, [twin])
            timer.daemon = True
            timer.start()
            try:
                yield self._spoken(raw, parts.scheme, host)
            finally:
                timer.cancel()

    def _spoken(self, raw: socket.socket, scheme: str, host: str) -> socket.socket:
        if scheme == "http":
            return raw
        return (self._tls or package_side(None)).wrap_socket(raw, server_hostname=host)


def _hang_up(twin: socket.socket) -> None:
    with suppress(OSError):
        twin.shutdown(socket.SHUT_RDWR)


def is_base(url: str) -> bool:
    """May metadata be asked for below this address?"""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        return False
    plain = all(ord(sign) in PLAIN_ASCII for sign in url)
    named = bool(parts.hostname) and "@" not in parts.netloc
    return known and plain and named and not (parts.query or parts.fragment)
