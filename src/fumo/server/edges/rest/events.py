"""`/events`: what happened, by number; or, for who accepts `text/event-stream`, as it happens.

A stream begins after `after`, or after what its header Last-Event-ID names, so that a client that
lost its connection misses nothing. It ends after some minutes: the client comes again by itself,
and a token that was revoked meanwhile opens nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.exceptions import HTTPException
from litestar.params import Parameter, QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from fumo.server.access import Role
from fumo.server.edges.database import Database, StoreError
from fumo.server.edges.events import feed
from fumo.server.edges.news import News
from fumo.server.edges.rest.frame import VIEWER, Asked, Limit, Rest, words
from fumo.server.events import Part, Wanted
from fumo.server.paging import LIMIT, LIMIT_MAX, NEWEST
from fumo.server.rollout import Denied

STREAM = "text/event-stream"
STREAMS_MAX = 64
STREAM_S = 600.0
KINDS_MAX = 16

After = Annotated[int | None, Parameter(gt=-1, le=NEWEST)]  # the description would leave 0 out
Campaign = Annotated[int | None, Parameter(gt=-1, le=NEWEST)]
Kinds = Annotated[list[str] | None, QueryParameter(name="kind", max_items=KINDS_MAX)]


def routes(rest: Rest) -> list[Any]:
    """Listing and stream are one address."""
    streams = Streams(rest.reads, rest.news)

    @get("/events", opt=VIEWER)
    async def events(
        request: Asked,
        after: After = None,
        limit: Limit = LIMIT,
        kinds: Kinds = None,
        device: str | None = None,
        campaign: Campaign = None,
    ) -> Response[Part]:
        wanted = Wanted(
            tuple(map(words, kinds or ())),
            None if device is None else words(device),
            campaign,
            audit=request.user.role is Role.ADMIN,
        )
        if STREAM in request.headers.get("accept", ""):
            return await streams.open(_resumed(request, after), wanted)
        return Response(await asyncio.to_thread(feed.after, rest.reads, after or 0, limit, wanted))

    return [events]


def _resumed(request: Asked, after: int | None) -> int | None:
    """Where the client was, by its own word; None: it wants what comes from now on."""
    seen = request.headers.get("last-event-id")
    if seen is None:
        return after
    if not (seen.isascii() and seen.isdigit() and len(seen) < 19):
        raise Denied("a Last-Event-ID is the number of an event: leave it out to begin now")
    return int(seen)


class Streams:
    """Who follows the feed at this process."""

    def __init__(self, db: Database, news: News) -> None:
        self._db, self._news = db, news
        self._open = 0

    async def open(self, number: int | None, wanted: Wanted) -> Response[Any]:
        """A stream of what comes after this number. Denied before it begins, never in it."""
        if self._open >= STREAMS_MAX:
            raise HTTPException(
                status_code=503,
                detail=f"{STREAMS_MAX} streams are open here: come again, or ask by page",
                headers={"Retry-After": "10"},
            )
        if number is None:
            number = await asyncio.to_thread(feed.newest, self._db)
        await asyncio.to_thread(feed.after, self._db, number, 1, wanted)
        return ServerSentEvent(self._told(number, wanted), headers={"cache-control": "no-store"})

    async def _told(self, number: int, wanted: Wanted) -> AsyncIterator[ServerSentEventMessage]:
        end_s = time.monotonic() + STREAM_S
        self._open += 1
        try:
            yield ServerSentEventMessage(data=None, comment="welcome", retry=2000, id=number)
            async for heard in self._news.listen(at_once=True):
                async for part in self._parts(number, wanted):
                    for event in part.items:
                        data = msgspec.json.encode(event).decode()
                        yield ServerSentEventMessage(data=data, id=event.number)
                    number = part.next
                if heard < 0:
                    yield ServerSentEventMessage(data=None, comment="still here")
                if time.monotonic() > end_s:
                    return
        except StoreError:
            return  # the client comes again, with the number that it has seen
        finally:
            self._open -= 1

    async def _parts(self, number: int, wanted: Wanted) -> AsyncIterator[Part]:
        while True:
            part = await asyncio.to_thread(feed.after, self._db, number, LIMIT_MAX, wanted)
            if part.next == number:
                return
            number = part.next
            yield part
