"""The pages as one ASGI application. Who was not let in sees a form to sign in, and nothing else.

Whatever changes something is a POST with the token of a form that we gave to the same browser.
"""

import asyncio
import hmac
import logging
import time
from typing import Any

from litestar import Litestar, Response
from litestar.exceptions import HTTPException

from fumo.server.edges.news import News
from fumo.server.edges.pages import (
    access,
    beginning,
    campaigns,
    devices,
    doors,
    explorer,
    messages,
    operations,
    packages,
    served,
    webhooks,
)
from fumo.server.edges.pages.doors import local
from fumo.server.edges.pages.frame import STRANGER, Asked, Pages, Seen, environment, field, place_of
from fumo.server.edges.pages.inside import Inside
from fumo.server.edges.rest.desk import Desk
from fumo.server.edges.tickets import Tickets
from fumo.server.edges.visits import COOKIE, Visits, form_token

log = logging.getLogger("fumo.server")
SUBJECTS = (
    served,
    doors,
    campaigns,
    beginning,
    devices,
    messages,
    packages,
    explorer,
    operations,
    access,
    webhooks,
)
OPEN_TO_ALL = ("/login", "/static/")


def pages_app(
    desk: Desk, news: News, tickets: Tickets, visits: Visits, rest: Any, *, tls: bool
) -> Litestar:
    """The ASGI application; `rest` is that of `/api/v1`."""
    pages = Pages(desk, news, tickets, visits, Inside(rest), environment(), tls)

    async def admit(asked: Asked) -> Response[str] | None:
        return await _admit(pages, asked)

    def failed(asked: Asked, fault: Exception) -> Response[str]:
        status = fault.status_code if isinstance(fault, HTTPException) else 500
        if status == 500:
            log.error("a page", exc_info=fault)
        asked.scope.setdefault("user", Seen(None, ""))
        words = "There is no such page." if status == 404 else "That did not work."
        return pages.nothing(asked, words, status)

    return Litestar(
        route_handlers=[route for subject in SUBJECTS for route in subject.routes(pages)],
        before_request=admit,
        exception_handlers={Exception: failed},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=1 << 20,
    )


async def _admit(pages: Pages, asked: Asked) -> Response[str] | None:
    """Who looks; and is it one of our own forms that asks for something?"""
    cookie = asked.cookies.get(COOKIE, "")
    actor = None
    if cookie:
        actor = await asyncio.to_thread(pages.visits.actor, cookie, place_of(asked), time.time())
    asked.scope["user"] = Seen(actor, form_token(cookie) if actor else "")
    open_to_all = asked.url.path.startswith(OPEN_TO_ALL)
    if actor is None and not open_to_all:
        return _stranger(pages, asked)
    if asked.method == "POST" and not await _ours(asked):
        words = "This form is not from this visit: go back, load the page anew, and try again."
        return pages.nothing(asked, words, 403)
    return None


def _stranger(pages: Pages, asked: Asked) -> Response[str]:
    """The form to sign in. Whom another site sends here comes without a strict cookie: once more
    from a page of ours, and it is with them."""
    query = asked.url.query
    to = f"{asked.url.path}?{query}" if query else asked.url.path
    sent_here = asked.headers.get("sec-fetch-site", "") == "cross-site"
    if asked.method == "GET" and sent_here and local(to) == to:
        return pages.show(asked, "onward.html", to=to)
    return pages.entry(asked, to=to if asked.method == "GET" else "/")


async def _ours(asked: Asked) -> bool:
    """A form that we gave to this browser, sent by a page of ours."""
    if asked.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    seen: Seen = asked.scope["user"]
    wanted = seen.form or form_token(asked.cookies.get(STRANGER, ""))
    return hmac.compare_digest(field(await asked.form(), "form").encode(), wanted.encode())
