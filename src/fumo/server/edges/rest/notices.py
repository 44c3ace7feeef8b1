"""`/notifications` and `/links`: a device is asked for a session, a browser is let in."""

import asyncio
import time
from typing import Any

from litestar import Response, post
from msgspec import Struct

from fumo.dm.notification import session_id_text
from fumo.server.edges import udp_push
from fumo.server.edges.rest.changes import Change
from fumo.server.edges.rest.frame import ADMIN, OPERATOR, Asked, Rest, words
from fumo.server.rollout import Denied
from fumo.server.waking import is_way, way_of


class NewNotice(Struct, frozen=True, forbid_unknown_fields=True):
    """A device to be asked for a session.

    `to` is HOST[:PORT], where one datagram is sent, once; or an address such as `sms:+49...`, by
    which it is asked again until it comes. Empty: what its attribute `wake` says.
    """

    device: str
    to: str = ""
    ui: str = "unspecified"


class NoticeTold(Struct, frozen=True):
    """The session that the device was asked for. Nothing tells whether a notification arrives."""

    session: str


class Link(Struct, frozen=True):
    """An address that lets one browser in, once."""

    url: str


def routes(rest: Rest) -> list[Any]:
    """Both are orders."""

    @post("/notifications", opt=OPERATOR)
    async def notify(request: Asked, data: NewNotice) -> Response[NoticeTold]:
        device, datagrams = words(data.device), list[bytes]()
        if not data.to or is_way(data.to):
            return await rest.changes.make(request, _waking(rest, device, data))
        to = _place(data.to)

        def job() -> NoticeTold:
            notice = rest.desk.office.notice(device, data.ui, time.time())
            datagrams[:] = [notice.datagram]
            return NoticeTold(session_id_text(notice.session_id))

        change = Change("devices.notify", f"{device} at {data.to}", job)
        answer = await rest.changes.make(request, change)
        for datagram in datagrams:  # none when this answer was given before
            await asyncio.to_thread(_sent, datagram, to)
        return answer

    @post("/links", opt=ADMIN)
    async def add_link(request: Asked) -> Response[Link]:
        change = Change("links.add", "", lambda: Link(rest.desk.new_link()), secret=True)
        return await rest.changes.make(request, change)

    return [notify, add_link]


def _waking(rest: Rest, device: str, data: NewNotice) -> Change:
    def job() -> NoticeTold:
        wake = rest.desk.office.wake(device, data.ui, data.to, time.time())
        return NoticeTold(session_id_text(wake.session_id))

    place = str(way_of(data.to)) if data.to else "its address"
    return Change("devices.wake", f"{device} at {place}", job)


def _place(text: str) -> tuple[str, int]:
    try:
        return udp_push.place(text)
    except ValueError as fault:
        raise Denied(str(fault)) from None


def _sent(datagram: bytes, to: tuple[str, int]) -> None:
    try:
        udp_push.send(datagram, to)
    except OSError as fault:
        raise Denied(f"nothing could be sent to {to[0]}: {fault}") from fault
