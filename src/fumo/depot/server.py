"""The download server: GET, HEAD and reports over HTTP/1.1, with `sendfile` on plain asyncio.

Copies no byte of a package itself (a third of the CPU of any framework; never on uvloop, which has
no sendfile). Bounded: head 16 KiB in 10 s, connections, and time without progress of a client.
TLS belongs to the proxy in front.
"""

import asyncio
import contextlib
import time

from msgspec.structs import replace

from fumo.depot.answers import Answer, head
from fumo.depot.deciding import Deciding
from fumo.depot.lanes import Lanes
from fumo.depot.log import Line, Log
from fumo.depot.ports import Store
from fumo.depot.ranges import Plan
from fumo.depot.request import HEAD_LENGTH_MAX, BadRequest, Request, read_request
from fumo.depot.sending import TAKE_WAIT_S, Clock, Gone, RealClock, Sending
from fumo.depot.ways import Way, Ways

HEAD_WAIT_S = 10.0
KEEP_WAIT_S = 30.0
CONNECTIONS_MAX = 1024


class DepotServer:
    """Serves one store. `start` binds, `stop` ends every connection."""

    def __init__(
        self,
        store: Store,
        key: bytes,
        log: Log,
        ways: Ways | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`key` signs the package addresses; it is shared with the DM server.

        `ways` says who sends what, and how fast; `clock` is the time by which speeds are kept.
        """
        ways = ways or Ways()
        self._deciding = Deciding(store, key, ways)
        self._sending = Sending(store, Lanes(ways.bytes_per_s), clock or RealClock())
        self._log = log
        self._server: asyncio.Server | None = None
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
                request = await _read_request(reader, wait_s)
            except BadRequest as bad:
                await self._answer(writer, None, Answer(Plan(bad.status)))
                return
            answer = Answer(Plan(503)) if full else await self._deciding.decide(request)
            keep = await self._answer(writer, request, answer) and request.keep and not full
            wait_s = KEEP_WAIT_S

    async def _answer(
        self, writer: asyncio.StreamWriter, request: Request | None, answer: Answer
    ) -> bool:
        """Send it and write the log's line, also when it breaks off; did all of it go?"""
        gone = Gone()
        at_ns, wall_s = time.monotonic_ns(), time.time()
        try:
            writer.write(head(answer, request, wall_s))
            await asyncio.wait_for(writer.drain(), TAKE_WAIT_S)
            if request is not None and request.method == "GET":
                await self._sending.send(writer, answer, gone)
        finally:
            self._log.add(_line(at_ns, wall_s, request, answer, gone.count, _peer(writer)))
        return True


async def _read_request(reader: asyncio.StreamReader, wait_s: float) -> Request:
    request = read_request(await _read_head(reader, wait_s))
    if not request.length:
        return request
    body = await asyncio.wait_for(reader.readexactly(request.length), HEAD_WAIT_S)
    return replace(request, body=body)


async def _read_head(reader: asyncio.StreamReader, wait_s: float) -> bytes:
    try:
        return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), wait_s)
    except asyncio.LimitOverrunError:
        raise BadRequest(431) from None


def _line(
    at_ns: int, wall_s: float, request: Request | None, answer: Answer, sent: int, peer: str
) -> Line:
    """What the log tells of an answer: the bytes that were asked for, whoever sends them."""
    method, target = (request.method, request.target) if request else ("?", "?")
    plan = answer.plan
    status = answer.status if answer.via is Way.STORE else plan.status
    about = (answer.operation, method, target, status, plan.start, plan.start + plan.count)
    return Line(at_ns, wall_s, *about, sent, peer, answer.report, str(answer.via))


def _peer(writer: asyncio.StreamWriter) -> str:
    peer = writer.get_extra_info("peername")
    return f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else "?"
