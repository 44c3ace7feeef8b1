"""The way in, what every page loads, and the news by which it stays true."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Response, get
from litestar.datastructures import Cookie
from litestar.response import Redirect, ServerSentEvent, ServerSentEventMessage

from fumo.server.edges.news import News
from fumo.server.edges.pages.frame import HEADERS, STATIC, Pages, static_file
from fumo.server.edges.tickets import COOKIE, GOOD_S


def routes(pages: Pages) -> list[Any]:
    """Open to all but the news."""
    contents = {name: static_file(name) for name in STATIC}

    @get("/login/{ticket:str}", sync_to_thread=False)
    def login(ticket: str) -> Response[Any]:
        cookie = pages.tickets.use(ticket)
        if cookie is None:
            words = "It lets one browser in, once. Ask the server for another."
            return pages.locked(403, "This link was used already", words, link=True)
        kept = Cookie(COOKIE, value=cookie, max_age=GOOD_S, httponly=True, samesite="lax", path="/")
        return Redirect("/", cookies=[kept], headers={"cache-control": "no-store"})

    @get("/static/{name:str}", sync_to_thread=False)
    def static(name: str) -> Response[Any]:
        if name not in contents:
            return Response("", status_code=404)
        headers = {**HEADERS, "cache-control": "public, max-age=31536000, immutable"}
        return Response(contents[name], media_type=STATIC[name], headers=headers)

    @get("/events", sync_to_thread=False)
    def events() -> ServerSentEvent:
        return ServerSentEvent(_told(pages.news), headers={"cache-control": "no-store"})

    return [login, static, events]


async def _told(news: News) -> AsyncIterator[ServerSentEventMessage]:
    yield ServerSentEventMessage(comment="welcome", retry=2000)
    async for number in news.listen():
        if number < 0:
            yield ServerSentEventMessage(comment="still here")
        else:
            yield ServerSentEventMessage(data=str(number), event="news")
