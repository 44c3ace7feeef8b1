"""Sends the bytes of an answer: from a file by sendfile, from memory, or from the store.

Copies no byte of a file itself. Where there is a speed to keep it waits before each take, and
holds a piece of one mebibyte of a content from the store at most. A client that takes nothing for
two minutes is let go; it resumes where it was.
"""

import asyncio
import time
from pathlib import Path
from typing import BinaryIO, Protocol

from msgspec import Struct

from fumo.depot.answers import Answer
from fumo.depot.lanes import Lanes, Pass
from fumo.depot.ports import PIECE, Store

TAKE_WAIT_S = 120.0


class Clock(Protocol):
    """The time by which speeds are kept."""

    def now_s(self) -> float:
        """A monotonic time."""

    async def wait(self, seconds: float) -> None:
        """Returns when so much of it has passed."""


class RealClock:
    """The machine's."""

    def now_s(self) -> float:
        """The monotonic clock."""
        return time.monotonic()

    async def wait(self, seconds: float) -> None:
        """Others go on meanwhile."""
        await asyncio.sleep(seconds)


class Gone(Struct):
    """How many bytes of a body have gone so far."""

    count: int = 0


class Sending:
    """Of one server: its lanes are everybody's."""

    def __init__(self, store: Store, lanes: Lanes, clock: Clock) -> None:
        """`lanes` say how fast."""
        self._store = store
        self._lanes = lanes
        self._clock = clock

    async def send(self, writer: asyncio.StreamWriter, answer: Answer, gone: Gone) -> None:
        """All of the plan; `gone` tells how far it came, also when it breaks off."""
        if isinstance(answer.source, bytes):
            start, count = answer.plan.start, answer.plan.count
            await _write(writer, answer.source[start : start + count])
            gone.count = count
            return
        given = self._lanes.enter(answer.lane, self._clock.now_s())
        try:
            if isinstance(answer.source, Path):
                with answer.source.open("rb") as file:
                    await self._send_file(writer, file, answer, gone, given)
            elif answer.source is not None:
                await self._send_stored(writer, answer.source, answer, gone, given)
        finally:
            self._lanes.leave(given)

    async def _send_file(
        self, writer: asyncio.StreamWriter, file: BinaryIO, answer: Answer, gone: Gone, given: Pass
    ) -> None:
        while gone.count < answer.plan.count:
            count = await self._turn(given, answer.plan.count - gone.count)
            gone.count += await _sendfile(writer, file, answer.plan.start + gone.count, count)

    async def _send_stored(
        self, writer: asyncio.StreamWriter, sha256: str, answer: Answer, gone: Gone, given: Pass
    ) -> None:
        """A piece at a time is asked for: a slow client holds no request open at the store."""
        piece = memoryview(b"")
        while gone.count < answer.plan.count:
            left = answer.plan.count - gone.count
            if not piece:
                where = answer.plan.start + gone.count
                piece = await asyncio.to_thread(self._piece, sha256, where, min(PIECE, left))
            count = await self._turn(given, len(piece))
            await _write(writer, piece[:count])
            piece = piece[count:]
            gone.count += count

    def _piece(self, sha256: str, start: int, count: int) -> memoryview:
        data = b"".join(self._store.read(sha256, start, count))
        if len(data) != count:
            raise OSError("the store gave something else than was asked for")
        return memoryview(data)

    async def _turn(self, given: Pass, left: int) -> int:
        """Wait for one's turn: how many bytes may go now."""
        count = given.turn(left)
        wait_s = given.take(count, self._clock.now_s())
        if wait_s > 0:
            await self._clock.wait(wait_s)
        return count


async def _write(writer: asyncio.StreamWriter, data: bytes | memoryview) -> None:
    writer.write(data)
    await asyncio.wait_for(writer.drain(), TAKE_WAIT_S)


async def _sendfile(writer: asyncio.StreamWriter, file: BinaryIO, start: int, count: int) -> int:
    """Straight from the file to the socket."""
    going = asyncio.get_running_loop().sendfile(writer.transport, file, start, count)
    try:
        gone = await asyncio.wait_for(going, TAKE_WAIT_S)
    except RuntimeError as error:  # so asyncio says that the client has just gone
        raise OSError("the connection is closing") from error
    if gone < count:
        raise OSError("the file ended early")
    return gone
