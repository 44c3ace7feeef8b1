"""What the routes of the API work with: orders on the writer's thread, reading by the views."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from fumo.server.edges.contents.collecting import Collector
from fumo.server.edges.pump_thread import PumpThread
from fumo.server.edges.views import Views
from fumo.server.lasting import MetadataTold
from fumo.server.office import Office
from fumo.server.ports import Contents
from fumo.server.rows import Operation
from fumo.server.told import OperationTold, operation_told
from fumo.server.waking import Parcel, Sent, Way
from fumo.server.why import why


def no_way(way: Way, parcel: Parcel) -> Sent:
    """Of a server that sends nothing."""
    return Sent(f"this server has no sender for {way.kind}")


def nothing_signed(_at_s: float) -> MetadataTold:
    """Of a server whose packages nobody signs."""
    return MetadataTold([])


class Desk(Struct, frozen=True):
    """Orders go to `office` by `order`; `new_link` lets one browser in; `push` leaves at once.

    `lasting` says how long signed metadata is good.
    """

    thread: PumpThread
    office: Office
    views: Views
    new_link: Callable[[], str]
    contents: Contents
    collector: Collector
    push: Callable[[Way, Parcel], Sent] = no_way
    lasting: Callable[[float], MetadataTold] = nothing_signed

    async def order(self, job: Callable[[], Any]) -> Any:
        """Run an order on the writer's thread."""
        return await asyncio.wrap_future(self.thread.call(job))

    def why(self, operation: Operation) -> str:
        """Why its device is not updated by it, as things stand now."""
        device = self.views.devices_of([operation.device_id])[operation.device_id]
        campaign = self.views.campaign_row(operation.campaign_id)
        return why(device, operation, campaign, time.time())

    def told(self, operations: list[Operation]) -> list[OperationTold]:
        """Operations with what their alerts were, and how often their package was asked for."""
        ids = [operation.id for operation in operations]
        matches, fetches = self.views.matches(ids), self.views.fetch_numbers(ids)
        return [operation_told(o, matches.get(o.id, {}), fetches.get(o.id, 0)) for o in operations]
