"""The proxy's face before the depot: passes package requests at a measured pace, with faults.

Every request leaves one record, also one that came after its operation's alert: judging is not
done here.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from fumo.fleet import http1
from fumo.fleet.evidence import Fetched, Recorder, now_ns
from fumo.fleet.faults import Fault, FaultKind, Faults, fault_for
from fumo.fleet.http1 import Address, Head
from fumo.fleet.tap import Order, Tap

Watch: TypeAlias = Callable[[Order, float], None]
"""Told of a download's progress: whose, and which part of the body has passed."""

UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
NOBODYS = Order("", 0)
CHUNK_BYTES = 64 * 1024


class Pass(Struct):
    """One package request on its way."""

    order: Order
    fault: Fault | None
    status: int = 0
    sent: int = 0


class PackageFace:
    """Passes one package request and streams its answer."""

    def __init__(self, faults: Faults, tap: Tap, recorder: Recorder, watch: Watch) -> None:
        """`upstream` is to be set before the first request comes."""
        self.upstream: Address | None = None
        self._faults = faults
        self._tap = tap
        self._recorder = recorder
        self._watch = watch
        self._requests: Counter[Order] = Counter()
        self._met: Counter[Order] = Counter()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        head = await http1.read_head(reader)
        at_ns = now_ns()
        order = self._tap.order_of(head.path) or NOBODYS
        passing = Pass(order, self._next_fault(order))
        try:
            await self._answer(head, passing, writer)
        finally:
            self._record(at_ns, head, passing)

    def _record(self, at_ns: int, head: Head, passing: Pass) -> None:
        self._recorder.add(
            Fetched(
                at_ns=at_ns,
                ended_ns=now_ns(),
                device=passing.order.device,
                path=head.path,
                range=head.field("range"),
                status=passing.status,
                sent=passing.sent,
                fault=passing.fault.kind.value if passing.fault else "",
            )
        )

    def _next_fault(self, order: Order) -> Fault | None:
        if order is NOBODYS:
            return None
        fault = fault_for(
            self._faults, order.device, order.number, self._requests[order], self._met[order]
        )
        self._requests[order] += 1
        self._met[order] += fault is not None and fault.kind is not FaultKind.CORRUPT
        return fault

    async def _answer(self, head: Head, passing: Pass, writer: asyncio.StreamWriter) -> None:
        kind = passing.fault.kind if passing.fault else None
        if kind is FaultKind.UNAVAILABLE:
            passing.status = 503
            writer.write(UNAVAILABLE)
        elif kind is FaultKind.RESET:
            http1.reset(writer)
        else:
            await self._pass_on(head, passing, writer)

    async def _pass_on(self, head: Head, passing: Pass, writer: asyncio.StreamWriter) -> None:
        async with http1.connection(self.upstream) as (upstream, to_upstream):
            to_upstream.write(head.pack())
            answer = await http1.read_head(upstream)
            passing.status = answer.status
            writer.write(answer.pack())
            if head.first.startswith("GET "):
                await self._stream(answer.length, passing, upstream, writer)

    async def _stream(
        self,
        length: int,
        passing: Pass,
        upstream: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """The body, piece by piece, until it ends or its fault strikes."""
        strikes_at = int(passing.fault.part * length) if passing.fault else length
        while passing.sent < length:
            piece = await upstream.read(min(CHUNK_BYTES, length - passing.sent))
            if not piece:
                raise EOFError("the depot ended its answer early")
            if passing.sent + len(piece) > strikes_at and passing.fault:
                if passing.fault.kind is not FaultKind.CORRUPT:
                    return await self._strike(passing.fault, writer)
                piece = _spoilt(piece, strikes_at - passing.sent)
            writer.write(piece)
            await writer.drain()
            passing.sent += len(piece)
            self._watch(passing.order, passing.sent / length)
            await asyncio.sleep(len(piece) / self._faults.rate_bytes_s)

    async def _strike(self, fault: Fault, writer: asyncio.StreamWriter) -> None:
        if fault.kind is FaultKind.STALL:
            await asyncio.sleep(self._faults.stall_s)
        http1.reset(writer)


def _spoilt(piece: bytes, at: int) -> bytes:
    """The same piece with one octet different; the piece as it is where `at` lies before it."""
    if at < 0:
        return piece
    return piece[:at] + bytes((piece[at] ^ 0xFF,)) + piece[at + 1 :]
