"""`/contents`: the bytes of a package on their way into the depot, as they are.

A content is named by its SHA-256, so the same one again changes nothing. No package is made of it:
that is another order, which names what it is for.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import CancelledError
from typing import Any

from litestar import Response, post
from litestar.exceptions import ServiceUnavailableException
from msgspec import Struct

from fumo.server.edges.access.store import AccessStore
from fumo.server.edges.contents.collecting import Collected
from fumo.server.edges.contents.rows import insist, touch
from fumo.server.edges.rest.frame import ADMIN, OPERATOR, Asked, Rest
from fumo.server.rollout import Denied

CONTENT_BYTES_MAX = 8 << 30
SILENCE_S_MAX = 30.0
"""A sender that says nothing for so long is let go."""
AT_ONCE = 4
ENDS = "the server is about to end: send it again"


class Content(Struct, frozen=True):
    """What the depot holds now."""

    sha256: str
    length: int


class Arriving:
    """A request's body for a thread that reads it piece by piece."""

    def __init__(self, pieces: AsyncIterator[bytes], silence_s: float = SILENCE_S_MAX) -> None:
        """In the loop that the pieces come to."""
        self._pieces, self._silence_s = pieces, silence_s
        self._loop = asyncio.get_running_loop()

    def read(self, size: int = -1, /) -> bytes:
        """The next piece, of whatever size; empty at the end."""
        coming = asyncio.run_coroutine_threadsafe(self._next(), self._loop)
        try:
            return coming.result(self._silence_s)
        except TimeoutError:
            coming.cancel()
            raise Denied(f"nothing came for {self._silence_s:.0f} s: send it again") from None
        except CancelledError:
            raise Denied(ENDS) from None

    async def _next(self) -> bytes:
        async for piece in self._pieces:
            if piece:
                return piece
        return b""


def routes(rest: Rest) -> list[Any]:
    """Add one, and remove those that nobody needs."""
    slots = asyncio.Semaphore(AT_ONCE)

    @post("/contents", opt=OPERATOR, request_max_body_size=CONTENT_BYTES_MAX)
    async def add_content(request: Asked) -> Response[Content]:
        if request.headers.get("content-length") == "0":
            raise Denied("nothing was sent: the content is the body of the request, as it is")
        async with slots:
            arriving = Arriving(request.stream())
            try:
                kept = await asyncio.to_thread(rest.desk.contents.add, arriving)
            except asyncio.CancelledError:  # what has come is deleted when the line is closed
                raise ServiceUnavailableException(ENDS, headers={"Retry-After": "5"}) from None
        actor, access, sha256 = request.user, AccessStore(rest.store.db), kept.sha256

        def note() -> None:
            with rest.store.db.transaction():
                touch(rest.store.db, sha256, time.time())
                access.note(time.time(), actor.name, actor.place, "contents.add", sha256)

        await rest.desk.order(note)
        await asyncio.to_thread(insist, rest.desk.contents, sha256)
        return Response(Content(sha256, kept.length), status_code=201)

    @post("/contents/collect", opt=ADMIN)
    async def collect_contents(request: Asked) -> Response[Collected]:
        done = await asyncio.to_thread(rest.desk.collector.collect)
        actor, access = request.user, AccessStore(rest.store.db)
        told = f"{done.removed} removed"
        await rest.desk.order(
            lambda: access.note(time.time(), actor.name, actor.place, "contents.collect", told)
        )
        return Response(done, status_code=201)

    return [add_content, collect_contents]
