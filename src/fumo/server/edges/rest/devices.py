"""`/devices`: which there are, and which may come."""

from typing import Any

from litestar import Response, get, post
from msgspec import Struct

from fumo.server.edges import listing
from fumo.server.edges.marks import marks_of
from fumo.server.edges.rest.changes import Change
from fumo.server.edges.rest.frame import OPERATOR, VIEWER, Asked, Limit, Rest
from fumo.server.paging import LIMIT, cut, key_of
from fumo.server.rows import Device
from fumo.server.told import UNMARKED, DeviceTold, device_told


class NewDevice(Struct, frozen=True):
    """A device to be added."""

    id: str
    user: str
    password: str
    server_password: str
    profile: str = "standard"

    def row(self) -> Device:
        """As it is stored."""
        return Device(self.id, self.user, self.password, self.server_password, self.profile)


class Devices(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[DeviceTold]
    next: str | None


def routes(rest: Rest) -> list[Any]:
    """By id."""

    @get("/devices", opt=VIEWER, sync_to_thread=True)
    def devices(limit: Limit = LIMIT, cursor: str | None = None, q: str = "") -> Devices:
        found = listing.devices(rest.reads, key_of(cursor, ""), limit + 1, q)
        marks = marks_of(rest.reads, [one.id for one in found])
        told = [device_told(one, marks.get(one.id, UNMARKED)) for one in found]
        return Devices(*cut(told, limit, lambda d: d.id))

    @post("/devices", opt=OPERATOR)
    async def add_device(request: Asked, data: NewDevice) -> Response[DeviceTold]:
        def job() -> DeviceTold:
            return device_told(rest.desk.office.add_device(data.row()))

        return await rest.changes.make(
            request, Change("devices.add", data.id, job, quotas=(("devices", ""),))
        )

    return [devices, add_device]
