"""`/imports`: many devices at once, in one transaction; those that are there stay as they are.

So a file of devices may be taken in again after a failure, or when it has grown.
"""

from typing import Any

from litestar import Response, post
from msgspec import Struct

from fumo.server.edges.rest.changes import Change
from fumo.server.edges.rest.devices import NewDevice
from fumo.server.edges.rest.frame import OPERATOR, Asked, Rest, words
from fumo.server.rollout import Denied

DEVICES_MAX = 1_000


class NewDevices(Struct, frozen=True, forbid_unknown_fields=True):
    """Devices to be added."""

    devices: list[NewDevice]


class Imported(Struct, frozen=True):
    """How many were added, and how many were there already."""

    added: int
    known: int


def routes(rest: Rest) -> list[Any]:
    """One order."""

    @post("/imports", opt=OPERATOR)
    async def import_devices(request: Asked, data: NewDevices) -> Response[Imported]:
        wanted = {words(one.id): one for one in data.devices}
        if not wanted or len(data.devices) > DEVICES_MAX:
            raise Denied(f"an import has 1 to {DEVICES_MAX} devices: send more of them")

        def job() -> Imported:
            new = [one for one in wanted.values() if rest.store.device(one.id) is None]
            for one in new:
                rest.desk.office.add_device(one.row())
            return Imported(len(new), len(data.devices) - len(new))

        first, number = data.devices[0].id, len(data.devices)
        change = Change(
            "devices.import", f"{number} from {first[:150]}", job, quotas=(("devices", ""),)
        )
        return await rest.changes.make(request, change)

    return [import_devices]
