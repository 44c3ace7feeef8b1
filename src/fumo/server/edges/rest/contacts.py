"""`/contacts`: how devices that sleep were asked to come, and whether they did."""

from typing import Any

from litestar import get
from msgspec import Struct

from fumo.server.edges.rest.frame import VIEWER, Limit, Rest, words
from fumo.server.edges.waking import rows
from fumo.server.paging import LIMIT, Way, cut, page_of
from fumo.server.waking import Contact


class ContactTold(Struct, frozen=True):
    """One attempt, one failure, or that it came."""

    id: int
    contact: Contact


class Contacts(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[ContactTold]
    next: str | None


def routes(rest: Rest) -> list[Any]:
    """The newest first, of one device or of all."""

    @get("/contacts", opt=VIEWER, sync_to_thread=True)
    def contacts(
        device: str | None = None, limit: Limit = LIMIT, cursor: str | None = None,
        sort: Way = Way.DOWN,
    ) -> Contacts:  # fmt: skip
        whose = None if device is None else words(device)
        found = rows.history(rest.reads, whose, page_of(limit, cursor, sort, 0))
        return Contacts(*cut([ContactTold(*one) for one in found], limit, lambda c: c.id))

    return [contacts]
