"""The proxy's face before the DM endpoint: passes whole messages, loses one reply.

The reply that is lost is the first one that acknowledges a result of the device in
`Faults.drop_reply`: the server holds the result, the device does not know it, and must tell again.
"""

import asyncio

from fumo.dm.message import Message
from fumo.fleet import http1
from fumo.fleet.evidence import now_ns
from fumo.fleet.faults import Faults
from fumo.fleet.http1 import Address, Head
from fumo.fleet.tap import Tap, read, results_in, status_of

BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
ACKNOWLEDGED = (200, 202)


class DmFace:
    """Passes one DM message and its reply, both read whole."""

    def __init__(self, faults: Faults, tap: Tap) -> None:
        """`upstream` is to be set before the first message comes."""
        self.upstream: Address | None = None
        self._faults = faults
        self._tap = tap
        self._dropped = False

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        head = await http1.read_head(reader)
        at_ns = now_ns()
        body = await http1.read_request_body(head, reader)
        message = read(body, head.field("content-type"))
        try:
            answer, reply_body = await self._ask(head, body)
        except http1.BROKEN:
            self._tap.heard(at_ns, message, None, delivered=False)
            writer.write(BAD_GATEWAY)
            return
        reply = read(reply_body, answer.field("content-type"))
        dropped = self._drops(message, reply)
        self._tap.heard(at_ns, message, reply, delivered=not dropped)
        if dropped:
            http1.reset(writer)
            return
        self._tap.leaving(now_ns(), reply)
        writer.write(http1.whole(answer, reply_body))
        await writer.drain()

    async def _ask(self, head: Head, body: bytes) -> tuple[Head, bytes]:
        async with http1.connection(self.upstream) as (reader, writer):
            writer.write(head.pack() + body)
            answer = await http1.read_head(reader)
            return answer, await http1.read_response_body(answer, reader)

    def _drops(self, message: Message | None, reply: Message | None) -> bool:
        if self._dropped or message is None or not self._faults.drop_reply:
            return False
        if message.header.source.uri != self._faults.drop_reply:
            return False
        said = [status_of(alert, message, reply) for alert in results_in(message)]
        self._dropped = any(code in ACKNOWLEDGED for code in said)
        return self._dropped
