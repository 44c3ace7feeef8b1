"""The download server: GET and HEAD over HTTP/1.1, with `sendfile` on plain asyncio.

Copies no byte of a package itself (a third of the CPU of any framework; never on uvloop, which has
no sendfile). Bounded: head 16 KiB in 10 s, connections, and time without progress of a client.
TLS belongs to the proxy in front.
"""

import asyncio
import contextlib
import sys
import time
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from fumo.depot import ranges, urls
from fumo.depot.log import Line, Log
from fumo.depot.ports import Found, Store
from fumo.depot.ranges import Plan
from fumo.depot.request import HEAD_LENGTH_MAX, BadRequest, Request, read_request

HEAD_WAIT_S = 10.0
KEEP_WAIT_S = 30.0
CONNECTIONS_MAX = 1024
SLICE = 256 * 1024
SLICE_WAIT_S = 120.0  # a client that takes less than 2 kB/s is let go; it resumes where it was
ALLOWED = ("GET", "HEAD")


class Answer(Struct, frozen=True):
    """What goes out: a plan over a file, or a bare status."""

    plan: Plan
    path: Path | None = None
    sha256: str = ""
    length: int = 0
    operation: str | None = None


class DepotServer:
    """Serves one store. `start` binds, `stop` ends every connection."""

    def __init__(self, store: Store, key: bytes, log: Log) -> None:
        """`key` signs the package addresses; it is shared with the DM server."""
        self._store = store
        self._key = key
        self._log = log
        self._server: asyncio.Server | None = None
        self._reading = asyncio.Lock()
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listen; the address that was bound."""
        self._server = await asyncio.start_server(
            self._connected, host, port, limit=HEAD_LENGTH_MAX, backlog=512
        )
        bound = self._server.sockets[0].getsockname()
        return str(bound[0]), int(bound[1])

    @property
    def connections(self) -> int:
        """How many are open now."""
        return len(self._connections)

    async def stop(self) -> None:
        """No new connection, and the open ones end now: devices resume."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            with contextlib.suppress(OSError, EOFError, asyncio.LimitOverrunError, TimeoutError):
                await self._converse(reader, writer)
        except asyncio.CancelledError:
            pass  # `stop` asked for it, and there is nothing left to undo
        finally:
            self._connections.discard(task)
            writer.transport.abort() if task.cancelling() else writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Requests of one connection, one after the other."""
        wait_s, keep = HEAD_WAIT_S, True
        full = len(self._connections) > CONNECTIONS_MAX
        while keep:
            try:
                head = await _read_head(reader, wait_s)
                request = read_request(head)
            except BadRequest as bad:
                await self._answer(writer, None, Answer(Plan(bad.status)))
                return
            answer = Answer(Plan(503)) if full else await self._decide(request)
            keep = await self._answer(writer, request, answer) and request.keep and not full
            wait_s = KEEP_WAIT_S

    async def _decide(self, request: Request) -> Answer:
        """What a request gets; an address nobody made and a package that is gone look alike."""
        if request.method not in ALLOWED:
            return Answer(Plan(405))
        address = urls.read(request.target, self._key)
        found = self._store.find(address.sha256) if address else None
        if address is None or found is None:
            return Answer(Plan(404), operation=address.operation_id if address else None)
        if not await self._is_whole(found):
            return Answer(Plan(500), operation=address.operation_id)
        chosen = ranges.plan(request.ask, address.sha256, found.length)
        return Answer(chosen, found.path, address.sha256, found.length, address.operation_id)

    async def _is_whole(self, found: Found) -> bool:
        """Read once, beside the loop, one file after the other; a damaged one is never served."""
        if (known := self._store.checked(found)) is not None:
            return known
        async with self._reading:
            if (known := self._store.checked(found)) is not None:
                return known
            whole = await asyncio.to_thread(self._store.check, found)
        if not whole:
            sys.stderr.write(f"depot: {found.sha256} is damaged: its SHA-256 is not its name\n")
        return whole

    async def _answer(
        self, writer: asyncio.StreamWriter, request: Request | None, answer: Answer
    ) -> bool:
        """Send it and write the log's line, also when it breaks off; did all of it go?"""
        chosen, sent = answer.plan, 0
        body = request is not None and request.method == "GET" and answer.path is not None
        at_ns, wall_s = time.monotonic_ns(), time.time()
        try:
            writer.write(_head(answer, request))
            await asyncio.wait_for(writer.drain(), SLICE_WAIT_S)
            if body and chosen.count and answer.path is not None:
                with answer.path.open("rb") as file:
                    while sent < chosen.count:
                        sent += await _send_slice(writer, file, chosen, sent)
        finally:
            method, target = (request.method, request.target) if request else ("?", "?")
            end = chosen.start + chosen.count
            where = (answer.operation, method, target, chosen.status, chosen.start, end, sent)
            self._log.add(Line(at_ns, wall_s, *where, _peer(writer)))
        return True


async def _read_head(reader: asyncio.StreamReader, wait_s: float) -> bytes:
    try:
        return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), wait_s)
    except asyncio.LimitOverrunError:
        raise BadRequest(431) from None


async def _send_slice(writer: asyncio.StreamWriter, file: BinaryIO, chosen: Plan, sent: int) -> int:
    """The next slice, straight from the file to the socket."""
    count = min(SLICE, chosen.count - sent)
    loop = asyncio.get_running_loop()
    going = loop.sendfile(writer.transport, file, chosen.start + sent, count)
    try:
        gone = await asyncio.wait_for(going, SLICE_WAIT_S)
    except RuntimeError as error:  # so asyncio says that the client has just gone
        raise OSError("the connection is closing") from error
    if gone < count:
        raise OSError("the file ended early")
    return gone


def _head(answer: Answer, request: Request | None) -> bytes:
    """Status line and header fields."""
    chosen = answer.plan
    lines = [
        f"HTTP/1.1 {chosen.status} {HTTPStatus(chosen.status).phrase}",
        f"Date: {formatdate(usegmt=True)}",
    ]
    if chosen.status != 304:
        lines.append(f"Content-Length: {chosen.count}")
    if answer.path is not None and chosen.status in (200, 206, 304):
        lines += [f"ETag: {ranges.etag(answer.sha256)}", "Accept-Ranges: bytes"]
        lines += ["Content-Type: application/octet-stream", "Cache-Control: private, immutable"]
    if (told := ranges.content_range(chosen, answer.length)) is not None:
        lines.append(f"Content-Range: {told}")
    if chosen.status == 405:
        lines.append(f"Allow: {', '.join(ALLOWED)}")
    if request is None or not request.keep or chosen.status == 503:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _peer(writer: asyncio.StreamWriter) -> str:
    peer = writer.get_extra_info("peername")
    return f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else "?"
