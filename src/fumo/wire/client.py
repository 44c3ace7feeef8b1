"""A device's end of the wire: one DM message over HTTP and its answer, on the standard library.

Promises: header and body leave in one write (two cost 40 ms a message), no answer larger than
`REPLY_BYTES_MAX` is held, a whole exchange ends within `timeout_s` (connecting has the same once
more), and over TLS the host is checked. A connection is kept open while both sides like it.
Redirects and proxies are not followed: the server a device trusts is the one in its account.
"""

import http.client
import io
import socket
import ssl
import time
from email.message import Message
from typing import Any, TypeAlias

from fumo.dm.codec import decode, form_of
from fumo.dm.mac import HEADER
from fumo.dm.message import Envelope
from fumo.errors import MisuseError, PeerError
from fumo.wire.address import Place, parse
from fumo.wire.exchange import loopback
from fumo.wire.tls import device_side

TIMEOUT_S = 30.0
REPLY_BYTES_MAX = 1 << 20
AGENT = "fumo-device"

Answer: TypeAlias = tuple[int, Message, bytes]
"""Status, headers, body."""


class _Timed(io.RawIOBase):
    """A socket that is read until a moment, however slowly the peer drips."""

    def __init__(self, sock: socket.socket, until_s: float) -> None:
        self._sock = sock
        self._until_s = until_s

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What HTTPResponse reads from."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read what is there, or wait for as long as is left."""
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(left_s)
        return self._sock.recv_into(buffer)


class Link:
    """Speaks DM over HTTP; fits the device's port of the same name. Not for two threads."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S, tls: ssl.SSLContext | None = None) -> None:
        """`tls` replaces the default context, which checks names against the system's roots."""
        self._timeout_s = timeout_s
        self._tls = tls
        self._kept: tuple[Place, http.client.HTTPConnection] | None = None

    def post(self, url: str, body: bytes, media_type: str, mac: str | None = None) -> Envelope:
        """The server's reply; PeerError: a bad one; OSError: none. `mac`: our proof, if by MAC."""
        place, path = _split(url)
        request = _request(place, path, body, media_type, mac)
        try:
            status, headers, reply = self._exchange(place, request)
        except (OSError, PeerError):
            self.close()
            raise
        except http.client.HTTPException as fault:
            self.close()
            raise PeerError(f"no HTTP answer: {type(fault).__name__}") from fault
        if status != 200:
            raise _refusal(status, reply)
        said_type = headers.get("Content-Type", "")
        form = form_of(said_type)
        if form is None:
            raise PeerError(f"an answer of the type {said_type[:60]!r}, which is not DM")
        private = place.secure or loopback(place.host)
        return Envelope(decode(reply, form), reply, form, private, mac=_mac(headers))

    def close(self) -> None:
        """Let the connection go."""
        if self._kept:
            self._kept[1].close()
        self._kept = None

    def _exchange(self, place: Place, request: bytes) -> Answer:
        kept = self._kept is not None and self._kept[0] == place
        try:
            return self._once(place, request)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            if not kept:
                raise
        # a connection that was kept may have been closed meanwhile; the same bytes are safe to
        # say again, since the server answers a repeated message with its stored reply
        self.close()
        return self._once(place, request)

    def _once(self, place: Place, request: bytes) -> Answer:
        connection = self._connection(place)
        assert connection.sock is not None
        connection.sock.settimeout(self._timeout_s)
        connection.sock.sendall(request)
        timed: Any = _Timed(connection.sock, time.monotonic() + self._timeout_s)
        response = http.client.HTTPResponse(timed, method="POST")
        try:
            response.begin()
            body = _bounded(response)
        finally:
            response.close()
        if response.will_close:
            self.close()
        return response.status, response.headers, body

    def _connection(self, place: Place) -> http.client.HTTPConnection:
        if self._kept and self._kept[0] == place:
            return self._kept[1]
        self.close()
        connection = self._new(place)
        connection.connect()
        assert connection.sock is not None
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._kept = place, connection
        return connection

    def _new(self, place: Place) -> http.client.HTTPConnection:
        if not place.secure:
            return http.client.HTTPConnection(place.host, place.port, timeout=self._timeout_s)
        context = self._tls or device_side(None, None)
        return http.client.HTTPSConnection(
            place.host, place.port, timeout=self._timeout_s, context=context
        )


def _split(url: str) -> tuple[Place, str]:
    try:
        return parse(url)
    except ValueError as error:
        raise MisuseError(str(error)) from error


def _request(place: Place, path: str, body: bytes, media_type: str, mac: str | None) -> bytes:
    host = f"[{place.host}]" if ":" in place.host else place.host
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {host}:{place.port}",
        f"User-Agent: {AGENT}",
        f"Accept: {media_type}",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
    ]
    if mac is not None:
        if not mac.isprintable():
            raise MisuseError(f"a name that no HTTP header can carry: {mac[:60]!r}")
        lines.append(f"{HEADER}: {mac}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def _mac(headers: Message) -> str | None:
    """What the header says; a name in it is UTF-8, which HTTP's own library does not know."""
    said = headers.get(HEADER)
    return None if said is None else said.encode("latin-1", "replace").decode("utf-8", "replace")


def _bounded(response: http.client.HTTPResponse) -> bytes:
    body = response.read(REPLY_BYTES_MAX + 1)
    if len(body) > REPLY_BYTES_MAX:
        raise PeerError(f"an answer of more than {REPLY_BYTES_MAX} bytes")
    if response.length:
        raise ConnectionResetError(f"an answer that was cut, {response.length} bytes short")
    return body


def _refusal(status: int, body: bytes) -> PeerError | OSError:
    """A 5xx passes; any other answer but 200 is the peer's last word on this message."""
    first = body[:200].decode("utf-8", "replace").splitlines()[:1]
    words = f"HTTP {status}" + (f": {first[0]}" if first else "")
    return OSError(words) if status >= 500 else PeerError(words)
