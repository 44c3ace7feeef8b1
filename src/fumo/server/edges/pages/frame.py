"""What every page stands in: its look, its headers, and what the handlers work on.

Everything is escaped by the templates, and a Content-Security-Policy keeps scripts and styles to
our own two files.
"""

import hashlib
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response
from msgspec import Struct

from fumo.server.edges.news import News
from fumo.server.edges.pages.moments import clock, iso
from fumo.server.edges.tickets import Tickets
from fumo.server.edges.views import Views

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

    def missing(self, words: str) -> Response[str]:
        """There is no such thing."""
        return self.locked(404, "Nothing here", words, link=False)


def environment() -> Environment:
    """The templates."""
    look = Environment(
        loader=PackageLoader("fumo.server.edges", WEB), autoescape=True, undefined=StrictUndefined
    )
    look.filters |= {"iso": iso, "clock": clock}
    digest = hashlib.sha256(b"".join(static_file(name) for name in sorted(STATIC)))
    look.globals["stamp"] = digest.hexdigest()[:12]
    return look


def static_file(name: str) -> bytes:
    """What a page loads besides itself."""
    return (files("fumo.server.edges") / WEB / name).read_bytes()
