"""The pages as one ASGI application. Who has no cookie sees one sentence and nothing else."""

from typing import Any

from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException

from fumo.server.edges.news import News
from fumo.server.edges.pages import campaigns, doors, operations
from fumo.server.edges.pages.frame import Pages, environment
from fumo.server.edges.tickets import COOKIE, Tickets
from fumo.server.edges.views import Views

SUBJECTS = (doors, campaigns, operations)
OPEN_TO_ALL = ("/login/", "/static/")


def pages_app(views: Views, news: News, tickets: Tickets) -> Litestar:
    """The ASGI application."""
    pages = Pages(views, news, tickets, environment())

    async def admit(request: Request[Any, Any, Any]) -> Response[str] | None:
        open_to_all = request.url.path.startswith(OPEN_TO_ALL)
        if open_to_all or tickets.admits(request.cookies.get(COOKIE)):
            return None
        words = "Open the link that the server printed when it was started."
        return pages.locked(403, "This page is locked", words, link=True)

    def failed(_: Request[Any, Any, Any], fault: Exception) -> Response[str]:
        status = fault.status_code if isinstance(fault, HTTPException) else 500
        words = "There is no such page." if status == 404 else "That did not work."
        return pages.locked(status, "Nothing here", words, link=False)

    return Litestar(
        route_handlers=[route for subject in SUBJECTS for route in subject.routes(pages)],
        before_request=admit,
        exception_handlers={Exception: failed},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=1 << 16,
    )
