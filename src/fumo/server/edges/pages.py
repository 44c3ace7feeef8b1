"""The pages: campaigns, devices, and one operation's timeline, live. Readers only.

Everything is escaped by the templates, and a Content-Security-Policy keeps scripts and styles to
our own two files. Who has no cookie sees one sentence and nothing else.
"""

import hashlib
import time
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Litestar, MediaType, Request, Response, get
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException
from litestar.response import Redirect, ServerSentEvent, ServerSentEventMessage
from msgspec import Struct

from fumo.server.edges.looks import campaign_look, clock, device_rows, iso, operation_rows
from fumo.server.edges.news import News
from fumo.server.edges.tickets import COOKIE, GOOD_S, Tickets
from fumo.server.edges.timeline import timeline
from fumo.server.edges.views import ROWS_MAX, Views
from fumo.server.told import operation_told
from fumo.server.why import why

WEB = "web"
STATIC = {
    "fumo.css": "text/css; charset=utf-8",
    "fumo.js": "text/javascript; charset=utf-8",
    "fumo.svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class Pages(Struct, frozen=True):
    """What the handlers need."""

    views: Views
    news: News
    tickets: Tickets
    look: Environment

    def show(self, template: str, status: int = 200, **values: Any) -> Response[str]:
        """One page."""
        text = self.look.get_template(template).render(**values)
        return Response(text, media_type=MediaType.HTML, status_code=status, headers=HEADERS)

    def locked(self, status: int, title: str, words: str, *, link: bool) -> Response[str]:
        """A page for who may not see more."""
        return self.show("locked.html", status, title=title, words=words, link=link)


def pages_app(views: Views, news: News, tickets: Tickets) -> Litestar:
    """The ASGI application."""
    pages = Pages(views, news, tickets, _environment())

    async def admit(request: Request[Any, Any, Any]) -> Response[str] | None:
        open_to_all = request.url.path.startswith(("/login/", "/static/"))
        if open_to_all or tickets.admits(request.cookies.get(COOKIE)):
            return None
        words = "Open the link that the server printed when it was started."
        return pages.locked(403, "This page is locked", words, link=True)

    def failed(_: Request[Any, Any, Any], fault: Exception) -> Response[str]:
        status = fault.status_code if isinstance(fault, HTTPException) else 500
        words = "There is no such page." if status == 404 else "That did not work."
        return pages.locked(status, "Nothing here", words, link=False)

    return Litestar(
        route_handlers=[*_doors(pages), *_shown(pages)],
        before_request=admit,
        exception_handlers={Exception: failed},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=1 << 16,
    )


def _environment() -> Environment:
    look = Environment(
        loader=PackageLoader("fumo.server.edges", WEB), autoescape=True, undefined=StrictUndefined
    )
    look.filters |= {"iso": iso, "clock": clock}
    digest = hashlib.sha256(b"".join(_static(name) for name in sorted(STATIC)))
    look.globals["stamp"] = digest.hexdigest()[:12]
    return look


def _static(name: str) -> bytes:
    return (files("fumo.server.edges") / WEB / name).read_bytes()


def _doors(pages: Pages) -> list[Any]:
    """The way in, and what every page needs."""
    contents = {name: _static(name) for name in STATIC}

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


def _shown(pages: Pages) -> list[Any]:
    """The three pages."""
    views = pages.views

    @get("/", sync_to_thread=True)
    def overview() -> Response[str]:
        devices = views.devices()
        return pages.show(
            "overview.html",
            campaigns=[campaign_look(progress) for progress in views.campaigns()],
            devices=device_rows(views, devices),
            more=len(devices) == ROWS_MAX,
        )

    @get("/campaigns/{campaign_id:int}", sync_to_thread=True)
    def campaign(campaign_id: int) -> Response[str]:
        progress = views.campaign(campaign_id)
        if progress is None:
            return pages.locked(404, "Nothing here", "There is no such campaign.", link=False)
        rows = operation_rows(views, views.operations(campaign_id=campaign_id))
        return pages.show("campaign.html", c=campaign_look(progress), rows=rows)

    @get("/operations/{operation_id:int}", sync_to_thread=True)
    def operation(operation_id: int) -> Response[str]:
        found = views.operation(operation_id)
        progress = views.campaign(found.campaign_id) if found else None
        if found is None or progress is None:
            return pages.locked(404, "Nothing here", "There is no such operation.", link=False)
        alerts = views.matches([operation_id]).get(operation_id, {})
        fetches = views.fetch_numbers([operation_id]).get(operation_id, 0)
        return pages.show(
            "operation.html",
            o=operation_told(found, alerts, fetches),
            campaign=progress.campaign.name,
            package=f"{progress.package.name} {progress.package.version}",
            why=why(views.devices_of([found.device_id])[found.device_id], found, time.time()),
            entries=timeline(views, operation_id),
        )

    return [overview, campaign, operation]
