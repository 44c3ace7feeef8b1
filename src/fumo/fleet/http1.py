"""Just enough HTTP/1.1 for a proxy: heads, whole bodies, one request a connection.

Not a server for the world: it stands between our own processes on the loopback interface.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

from msgspec import Struct

Address: TypeAlias = tuple[str, int]
Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Face: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What serves one connection of a proxy."""

LOOPBACK = "127.0.0.1"
HEAD_BYTES_MAX = 64 * 1024
BODY_BYTES_MAX = 16 * 1024 * 1024
HOP_FIELDS = frozenset({"connection", "keep-alive", "proxy-connection", "te", "upgrade"})
BROKEN = (OSError, EOFError, ValueError, asyncio.LimitOverrunError)
"""What a cut connection, or one that speaks no HTTP, raises."""

RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time


class Head(Struct, frozen=True):
    """The first line, and the fields as they came."""

    first: str
    fields: tuple[tuple[str, str], ...] = ()

    def field(self, name: str, otherwise: str = "") -> str:
        """The first field of that name."""
        found = (value for key, value in self.fields if key.lower() == name)
        return next(found, otherwise)

    @property
    def length(self) -> int:
        """Content-Length; 0 without one."""
        return int(self.field("content-length", "0"))

    @property
    def path(self) -> str:
        """The target of a request, without its query."""
        return self.first.split(" ")[1].partition("?")[0]

    @property
    def status(self) -> int:
        """The status code of a response."""
        return int(self.first.split(" ")[1])

    def pack(self) -> bytes:
        """As it is passed on: this connection carries one request."""
        kept = [f"{key}: {value}" for key, value in self.fields if key.lower() not in HOP_FIELDS]
        return "\r\n".join((self.first, *kept, "Connection: close", "", "")).encode("latin-1")


async def read_head(reader: asyncio.StreamReader) -> Head:
    """A head; ValueError or an EOFError when there is none."""
    raw = await reader.readuntil(b"\r\n\r\n")
    first, *lines = raw[:-4].decode("latin-1").split("\r\n")
    if len(first.split(" ")) < 2:
        raise ValueError(f"not HTTP: {first[:60]!r}")
    split = (line.partition(":") for line in lines)
    return Head(first, tuple((key.strip(), value.strip()) for key, _, value in split))


async def read_request_body(head: Head, reader: asyncio.StreamReader) -> bytes:
    """A request's body, which must say its length."""
    if head.length > BODY_BYTES_MAX or head.field("transfer-encoding"):
        raise ValueError("a body that is too long, or does not say its length")
    return await reader.readexactly(head.length)


async def read_response_body(head: Head, reader: asyncio.StreamReader) -> bytes:
    """A response's body: by its length, in chunks, or until the end."""
    if "chunked" in head.field("transfer-encoding").lower():
        return await _read_chunks(reader)
    if head.field("content-length"):
        return await reader.readexactly(head.length)
    return await reader.read(BODY_BYTES_MAX)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    whole = bytearray()
    while size := int((await reader.readline()).split(b";")[0], 16):
        whole += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return bytes(whole)


def whole(head: Head, body: bytes) -> bytes:
    """A response with its body in hand: it says its length, whatever it said before."""
    apart = ("transfer-encoding", "content-length")
    fields = tuple(pair for pair in head.fields if pair[0].lower() not in apart)
    said = Head(head.first, (*fields, ("Content-Length", str(len(body)))))
    return said.pack() + body


@contextlib.asynccontextmanager
async def connection(to: Address | None) -> AsyncIterator[Streams]:
    """A connection to who stands behind the proxy, ended with the block."""
    if to is None:
        raise ConnectionRefusedError("nobody stands behind this face yet")
    reader, writer = await asyncio.open_connection(*to, limit=HEAD_BYTES_MAX)
    try:
        yield reader, writer
    finally:
        writer.close()


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a broken line does: by RST, without an orderly end."""
    plug = writer.get_extra_info("socket")
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
    writer.transport.abort()
