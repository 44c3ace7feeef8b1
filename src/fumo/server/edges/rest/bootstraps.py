"""`/bootstraps`: the document that brings a device its first account, given once.

It is sent only after it is saved what it says, and never twice: who lost it makes another.
"""

import asyncio
from base64 import b64encode
from typing import Any

from litestar import Response, post
from msgspec import Struct

from fumo.server.bootstrapping import Document, Kind, Wanted, bootstrap
from fumo.server.edges.marks import marks_of
from fumo.server.edges.rest.changes import Change
from fumo.server.edges.rest.frame import OPERATOR, Asked, Rest, words
from fumo.server.rollout import Denied
from fumo.server.told import UNMARKED
from fumo.server.waking import ATTRIBUTE, Parcel, Way, way_of

OWN_WAY = "wake"


class NewBootstrap(Struct, frozen=True, forbid_unknown_fields=True):
    """A document for a device: where its server is, and what proves the document to it.

    `to` sends it there, too: an address such as `sms:+49...`, or `wake`: what its attribute says.
    """

    device: str
    url: str
    kind: Kind = Kind.CP
    name: str = ""
    proof: str = "md5"
    pin: str = ""
    makes_pin: bool = False
    imsi: str = ""
    network_secret: str = ""
    again: bool = False
    to: str = ""

    def wanted(self) -> Wanted:
        """As the server wants it."""
        said = (self.url, self.name, self.proof, self.pin, self.imsi, self.network_secret)
        url, name, proof, pin, imsi, secret = map(words, said)
        return Wanted(url, self.kind, name, proof, pin, self.makes_pin, imsi, secret, self.again)


class BootstrapMade(Struct, frozen=True):
    """The only time that a document is shown: as a push in base64, and as the text of a QR code.

    `pin` is the one that was made. `sent` says by which way it left, `trouble` why it did not.
    """

    device: str
    push: str
    text: str
    pin: str
    sent: str = ""
    trouble: str = ""


def routes(rest: Rest) -> list[Any]:
    """One order."""

    @post("/bootstraps", opt=OPERATOR)
    async def make_bootstrap(request: Asked, data: NewBootstrap) -> Response[BootstrapMade]:
        device_id, wanted = words(data.device), data.wanted()
        way = await asyncio.to_thread(_way, rest, device_id, data.to)
        made = list[Document]()

        def job() -> BootstrapMade:
            made[:] = [bootstrap(rest.desk.office, device_id, wanted)]
            return _told(device_id, made[0])

        change = Change("devices.bootstrap", device_id, job, secret=True)
        answer = await rest.changes.make(request, change)
        return answer if way is None else await _sent(rest, device_id, made[0], way)

    return [make_bootstrap]


def _told(device_id: str, made: Document, sent: str = "", trouble: str = "") -> BootstrapMade:
    push = b64encode(made.octets).decode()
    return BootstrapMade(device_id, push, made.text, made.pin, sent, trouble)


def _way(rest: Rest, device_id: str, to: str) -> Way | None:
    if to != OWN_WAY:
        return way_of(to) if to else None
    own = marks_of(rest.reads, [device_id]).get(device_id, UNMARKED).attributes.get(ATTRIBUTE)
    if own is None:
        raise Denied(f"{device_id!r} has no attribute {ATTRIBUTE}: say where to send it")
    return way_of(own)


async def _sent(rest: Rest, device_id: str, made: Document, way: Way) -> Response[BootstrapMade]:
    parcel = Parcel(device_id, way.place, made.push)
    done = await asyncio.to_thread(rest.desk.push, way, parcel)
    sent = str(way) if done.good else ""
    return Response(_told(device_id, made, sent, done.trouble), status_code=201)
