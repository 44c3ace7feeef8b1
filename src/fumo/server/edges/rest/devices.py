"""`/devices`: which there are, and which may come."""

from typing import Any

from litestar import Response, get, post
from msgspec import Struct

from fumo.server.edges import listing
from fumo.server.edges.marks import marks_of
from fumo.server.edges.rest.addresses import fitting
from fumo.server.edges.rest.changes import Change
from fumo.server.edges.rest.frame import OPERATOR, VIEWER, Asked, Limit, Rest, words
from fumo.server.edges.waking import rows as waking
from fumo.server.office import Missing
from fumo.server.paging import LIMIT, Way, cut, page_of
from fumo.server.rows import Device
from fumo.server.told import UNMARKED, DeviceTold, OperationTold, device_told
from fumo.server.waking import Contact, Wake
from fumo.server.why import at_work

NEWEST_TOLD = 20
NOTHING_ORDERED = "Nothing was ordered for it yet."


class NewDevice(Struct, frozen=True, forbid_unknown_fields=True):
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


class DeviceStory(Struct, frozen=True):
    """A device, in a sentence why it is not updating, its newest operations, and how it is woken.

    `wake` is what it is or was owed last, `contacts` what happened then, the newest first.
    """

    device: DeviceTold
    why: str
    operations: list[OperationTold]
    wake: Wake | None
    contacts: list[Contact]


def routes(rest: Rest) -> list[Any]:
    """By id. One whose id has a slash is found by a filter alone."""

    @get("/devices", opt=VIEWER, sync_to_thread=True)
    def devices(
        limit: Limit = LIMIT, cursor: str | None = None, q: str = "", sort: Way = Way.UP
    ) -> Devices:
        found = listing.devices(rest.reads, page_of(limit, cursor, sort, ""), q)
        marks = marks_of(rest.reads, [one.id for one in found])
        told = [device_told(one, marks.get(one.id, UNMARKED)) for one in found]
        return Devices(*cut(told, limit, lambda d: d.id))

    @get("/devices/{device_id:str}", opt=VIEWER, sync_to_thread=True)
    def device(request: Asked, device_id: str) -> DeviceStory:
        found = rest.desk.views.devices_of([words(device_id)]).get(device_id)
        if found is None:
            raise Missing(f"no device {device_id!r}: 'fumo devices list' names the known ones")
        marks = marks_of(rest.reads, [device_id]).get(device_id, UNMARKED)
        newest = rest.desk.views.operations(device_id=device_id, limit=NEWEST_TOLD)
        telling = at_work(newest)
        sentence = rest.desk.why(telling) if telling else NOTHING_ORDERED
        told = fitting(request, rest.desk.told(newest))
        woken = waking.find(rest.reads, device_id)
        contacts = waking.newest(rest.reads, device_id, NEWEST_TOLD)
        return DeviceStory(device_told(found, marks), sentence, told, woken, contacts)

    @post("/devices", opt=OPERATOR)
    async def add_device(request: Asked, data: NewDevice) -> Response[DeviceTold]:
        def job() -> DeviceTold:
            return device_told(rest.desk.office.add_device(data.row()))

        return await rest.changes.make(
            request, Change("devices.add", data.id, job, quotas=(("devices", ""),))
        )

    return [devices, device, add_device]
