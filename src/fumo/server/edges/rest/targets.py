"""`/preview` and `/devices/marks`: whom a filter chooses, and what operators set to choose by."""

from typing import Any

from litestar import Response, get, post
from msgspec import Struct

from fumo.server.attributes import Marks
from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.choosing import Preview, devices_of, preview
from fumo.server.edges.rest.changes import Change
from fumo.server.edges.rest.frame import OPERATOR, VIEWER, Asked, Rest, words
from fumo.server.office import find
from fumo.server.targets import Targets, checked


class Marking(Struct, frozen=True, forbid_unknown_fields=True):
    """Devices by id or by a filter; attributes to set (null takes away), tags to add, remove."""

    devices: list[str] = []
    filter: str | None = None
    set: dict[str, str | None] = {}
    add: list[str] = []
    remove: list[str] = []


class MarkedDevices(Struct, frozen=True):
    """How many devices were chosen."""

    devices: int


def routes(rest: Rest) -> list[Any]:
    """A preview reads only; marks are an order."""

    @get("/preview", opt=VIEWER, sync_to_thread=True)
    def previewed(q: str, package: str | None = None) -> Preview:
        which = devices_of(checked(Targets(filter=words(q))).filter)
        wanted = find(AdminStore(rest.reads), words(package)) if package else None
        return preview(rest.reads, which, wanted)

    @post("/devices/marks", opt=OPERATOR)
    async def mark(request: Asked, data: Marking) -> Response[MarkedDevices]:
        targets = Targets(data.devices, data.filter)
        marks = Marks(data.set, data.add, data.remove)

        def job() -> MarkedDevices:
            return MarkedDevices(rest.desk.office.mark(targets, marks))

        target = data.filter or ", ".join(data.devices[:3])
        return await rest.changes.make(request, Change("devices.mark", target[:200], job))

    return [previewed, mark]
