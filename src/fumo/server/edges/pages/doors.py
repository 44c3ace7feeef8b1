"""The ways in and out: a link that is good once, a name with its password, and leaving."""

import asyncio
import time
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from fumo.server.edges.pages.frame import HEADERS, Asked, Pages, field, place_of
from fumo.server.edges.visits import COOKIE, GOOD_S, new_cookie

USED = "This link was used already. It lets one browser in, once: ask the server for another."


def routes(pages: Pages) -> list[Any]:
    """Open to all."""
    return [*_ins(pages), _out(pages)]


def _ins(pages: Pages) -> list[Any]:
    @get("/login/{ticket:str}")
    async def by_link(request: Asked, ticket: FromPath[str]) -> Response[Any]:
        tickets = pages.tickets
        known = await asyncio.to_thread(tickets.known, ticket)
        if not known or not await pages.desk.order(lambda: tickets.use(ticket)):
            return pages.entry(request, to="/", words=USED)
        return await _let_in(pages, request, None, "/")

    @get("/login", sync_to_thread=False)
    def form(request: Asked) -> Response[Any]:
        return pages.entry(request, to="/", status=200)

    @post("/login")
    async def by_password(request: Asked) -> Response[Any]:
        form = await request.form()
        name, to = field(form, "name"), local(field(form, "to"))
        answer = await pages.inside.knock(name, field(form, "password"), place_of(request))
        if not answer.good:
            unknown = "There is no such user with this password."
            words = unknown if answer.status == 401 else answer.words
            return pages.entry(request, to=to, words=words, status=answer.status)
        return await _let_in(pages, request, name, to)

    return [by_link, form, by_password]


def _out(pages: Pages) -> Any:
    @post("/logout")
    async def leave(request: Asked) -> Response[Any]:
        cookie = request.cookies.get(COOKIE, "")
        await pages.desk.order(lambda: pages.visits.end(cookie))
        gone = pages.cookie(COOKIE, "", age_s=0)
        return Redirect("/login", status_code=303, cookies=[gone], headers=HEADERS)

    return leave


async def _let_in(pages: Pages, asked: Asked, name: str | None, to: str) -> Response[Any]:
    """A new cookie. The way on is a page of ours, for a browser keeps a strict cookie back from
    where another site has sent it."""
    cookie = new_cookie()
    place = place_of(asked)
    await pages.desk.order(lambda: pages.visits.begin(cookie, name, place, time.time()))
    page = pages.show(asked, "onward.html", to=to)
    page.set_cookie(pages.cookie(COOKIE, cookie, int(GOOD_S)))
    return page


def local(to: str) -> str:
    """An address of ours, whatever was asked for."""
    plain = to.startswith("/") and not to.startswith(("//", "/\\", "/log"))
    return to if plain and to.isprintable() else "/"
