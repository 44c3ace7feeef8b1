"""What every page stands in: its look, its headers, who looks, and what handlers work on.

Everything is escaped by the templates, and a Content-Security-Policy keeps scripts, styles and
forms to our own. What a form orders goes through `/api/v1`, in the name of who sent it.
"""

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, TypeAlias

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect
from msgspec import Struct

from fumo.server.access import Actor, Role
from fumo.server.edges.news import News
from fumo.server.edges.pages.inside import Answer, Inside
from fumo.server.edges.pages.moments import clock, iso
from fumo.server.edges.pages.wording import CHIPS, NEEDS_REASON, PLACES, SURE, WORDS, here
from fumo.server.edges.rest.desk import Desk
from fumo.server.edges.tickets import Tickets
from fumo.server.edges.views import Views
from fumo.server.edges.visits import Visits, form_token, new_cookie

Asked: TypeAlias = Request[Any, Any, Any]
WEB = "web"
STATIC = {
    "fumo.css": "text/css; charset=utf-8",
    "fumo.js": "text/javascript; charset=utf-8",
    "fumo.svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
STRANGER = "fumo-stranger"
"""The cookie behind the form by which one signs in."""


class Seen(Struct, frozen=True):
    """Who looks at a page, and what the forms on it carry. None of `actor`: nobody we know."""

    actor: Actor | None
    form: str

    def may(self, role: str) -> bool:
        """Is that shown to them?"""
        return self.actor is not None and self.actor.role.covers(Role(role))


class Pages(Struct, frozen=True):
    """What the handlers need. `tls`: cookies are for safe connections only."""

    desk: Desk
    news: News
    tickets: Tickets
    visits: Visits
    inside: Inside
    look: Environment
    tls: bool = False

    @property
    def views(self) -> Views:
        """For readers."""
        return self.desk.views

    def show(self, asked: Asked, template: str, status: int = 200, **values: Any) -> Response[str]:
        """One page, for who asked."""
        seen: Seen = asked.scope["user"]
        text = self.look.get_template(template).render(seen=seen, path=asked.url.path, **values)
        return Response(text, media_type=MediaType.HTML, status_code=status, headers=HEADERS)

    def nothing(self, asked: Asked, words: str, status: int = 404) -> Response[str]:
        """A page that says why there is nothing to see."""
        title = "Nothing here" if status == 404 else "That did not work"
        return self.show(asked, "words.html", status, title=title, words=words, on="")

    def entry(self, asked: Asked, to: str, words: str = "", status: int = 403) -> Response[str]:
        """The form by which a user signs in; its token hangs on a cookie of its own."""
        stranger = asked.cookies.get(STRANGER) or new_cookie()
        asked.scope["user"] = Seen(None, form_token(stranger))
        page = self.show(asked, "entry.html", status, to=to, words=words)
        page.set_cookie(self.cookie(STRANGER, stranger))
        return page

    def cookie(self, name: str, value: str, age_s: int | None = None) -> Cookie:
        """Sent back to us alone, from our own pages alone, and seen by no script."""
        return Cookie(
            name, value=value, max_age=age_s, path="/",
            httponly=True, samesite="strict", secure=self.tls,
        )  # fmt: skip

    async def ask(self, asked: Asked, method: str, path: str, **more: Any) -> Answer:
        """The API, in the name of who asked."""
        seen: Seen = asked.scope["user"]
        assert seen.actor is not None
        return await self.inside.ask(seen.actor, method, path, **more)

    async def order(
        self, asked: Asked, path: str, body: Any, then: str, method: str = "POST"
    ) -> Response[Any]:
        """What a form wants done; then that page, or the words of the refusal."""
        answer = await self.ask(asked, method, path, body=body)
        if answer.good:
            return Redirect(then, status_code=303, headers={"cache-control": "no-store"})
        return self.refused(asked, answer, then)

    def refused(self, asked: Asked, answer: Answer, back: str) -> Response[str]:
        """Why it was not done."""
        return self.show(
            asked, "words.html", answer.status,
            title="That was not done", words=answer.words, on=back,
        )  # fmt: skip


def field(form: Mapping[str, Any], name: str) -> str:
    """A field of a form that is text; empty if it is not there."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def place_of(asked: Asked) -> str:
    """Where a request comes from."""
    return asked.client.host if asked.client else ""


def environment() -> Environment:
    """The templates."""
    look = Environment(
        loader=PackageLoader("fumo.server.edges", WEB), autoescape=True, undefined=StrictUndefined
    )
    look.filters |= {"iso": iso, "clock": clock}
    digest = hashlib.sha256(b"".join(static_file(name) for name in sorted(STATIC)))
    look.globals |= {"stamp": digest.hexdigest()[:12], "places": PLACES, "here": here}
    look.globals |= {"WORDS": WORDS, "SURE": SURE, "CHIPS": CHIPS, "NEEDS_REASON": NEEDS_REASON}
    return look


def static_file(name: str) -> bytes:
    """What a page loads besides itself."""
    return (files("fumo.server.edges") / WEB / name).read_bytes()
