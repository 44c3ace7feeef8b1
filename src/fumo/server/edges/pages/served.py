"""What every page loads, and the news by which it stays true."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import ServerSentEvent, ServerSentEventMessage

from fumo.server.edges.news import News
from fumo.server.edges.pages.frame import HEADERS, STATIC, Pages, static_file


def routes(pages: Pages) -> list[Any]:
    """Files for all, news for those who were let in."""
    contents = {name: static_file(name) for name in STATIC}

    @get("/static/{name:str}", sync_to_thread=False)
    def static(name: FromPath[str]) -> Response[Any]:
        if name not in contents:
            return Response("", status_code=404)
        headers = {**HEADERS, "cache-control": "public, max-age=31536000, immutable"}
        return Response(contents[name], media_type=STATIC[name], headers=headers)

    @get("/events", sync_to_thread=False)
    def events() -> ServerSentEvent:
        return ServerSentEvent(_told(pages.news), headers={"cache-control": "no-store"})

    return [static, events]


async def _told(news: News) -> AsyncIterator[ServerSentEventMessage]:
    yield ServerSentEventMessage(comment="welcome", retry=2000)
    async for number in news.listen():
        if number < 0:
            yield ServerSentEventMessage(comment="still here")
        else:
            yield ServerSentEventMessage(data=str(number), event="news")
