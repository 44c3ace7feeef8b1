"""The message viewer: what was said with one device, decoded, newest first.

For operators: a message may hold the address of a package, which opens the depot to who holds it.
"""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromQuery

from fumo.server.denied import Denied
from fumo.server.edges import listing
from fumo.server.edges.pages.frame import Asked, Pages
from fumo.server.edges.timeline import message_entry
from fumo.server.paging import NEWEST, cut, key_of

MESSAGES = 40


def routes(pages: Pages) -> list[Any]:
    """A page at a time."""

    @get("/device/messages", sync_to_thread=True)
    def messages(
        request: Asked, id: FromQuery[str], cursor: FromQuery[str | None] = None
    ) -> Response[str]:
        if not request.scope["user"].may("operator"):
            return pages.nothing(request, "Messages are for operators: ask an admin.", 403)
        try:
            before = key_of(cursor, NEWEST)
        except Denied as fault:
            return pages.nothing(request, str(fault), 400)
        if "\0" in id or not pages.views.devices_of([id]):
            return pages.nothing(request, "There is no such device.")
        found = listing.messages(pages.views.db, id, before, MESSAGES + 1)
        page, after = cut(found, MESSAGES, lambda pair: pair[0])
        entries = [(number, message_entry(message)) for number, message in page]
        further = f"?{urlencode({'id': id, 'cursor': after})}" if after else ""
        return pages.show(request, "messages.html", id=id, entries=entries, further=further)

    return [messages]
