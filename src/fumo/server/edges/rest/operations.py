"""`/operations` and `/alerts`: what was ordered, and what devices reported, as it came."""

import time
from typing import Any

from litestar import Response, get, post
from msgspec import Struct

from fumo.server.edges import listing
from fumo.server.edges.rest.addresses import fitting, without
from fumo.server.edges.rest.changes import Change
from fumo.server.edges.rest.frame import OPERATOR, VIEWER, Asked, Limit, Rest, number, words
from fumo.server.edges.timeline import Entry, timeline
from fumo.server.edges.views import Transfer, Views
from fumo.server.office import Missing
from fumo.server.paging import LIMIT, NEWEST, Way, cut, page_of
from fumo.server.rows import AlertRow, Match, Operation
from fumo.server.told import OperationTold, operation_told


class Operations(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[OperationTold]
    next: str | None


class Story(Struct, frozen=True):
    """One operation, in a sentence why its device is not updated yet, and all that happened.

    `transfers` is what the device told the depot of its download, where a descriptor asked for it.
    """

    operation: OperationTold
    why: str
    timeline: list[Entry]
    transfers: list[Transfer]


class AlertTold(Struct, frozen=True):
    """An alert as it came, and what it was matched to."""

    id: int
    alert: AlertRow


class Alerts(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[AlertTold]
    next: str | None


def routes(rest: Rest) -> list[Any]:
    """The newest first; and the word that cancels one."""
    return [*_operations(rest), *_orders(rest), *_alerts(rest)]


def _operations(rest: Rest) -> list[Any]:
    @get("/operations", opt=VIEWER, sync_to_thread=True)
    def operations(
        request: Asked, campaign: int | None = None, device: str | None = None,
        limit: Limit = LIMIT, cursor: str | None = None, q: str = "", sort: Way = Way.DOWN,
    ) -> Operations:  # fmt: skip
        of = None if campaign is None else number(campaign)
        whose = None if device is None else words(device)
        page = page_of(limit, cursor, sort, NEWEST)
        found = listing.operations(rest.reads, page, q, of, whose)
        if whose is not None and not found and not rest.desk.views.devices_of([whose]):
            raise Missing(f"device {whose!r} is unknown: 'fumo devices list' names the known ones")
        first, after = cut(found, limit, lambda o: o.id)
        return Operations(fitting(request, rest.desk.told(first)), after)

    @get("/operations/{operation_id:int}", opt=VIEWER, sync_to_thread=True)
    def operation(request: Asked, operation_id: int) -> OperationTold:
        return fitting(request, rest.desk.told([_found(rest, operation_id)]))[0]

    @get("/operations/{operation_id:int}/story", opt=VIEWER, sync_to_thread=True)
    def story(request: Asked, operation_id: int) -> Story:
        found, views = _found(rest, operation_id), rest.desk.views
        told = fitting(request, rest.desk.told([found]))[0]
        happened = timeline(views, operation_id)
        if told.url is None and found.url is not None:
            happened = [without(found.url, entry) for entry in happened]
        return Story(told, rest.desk.why(found), happened, views.transfers(operation_id))

    return [operations, operation, story]


def _orders(rest: Rest) -> list[Any]:
    own = Views(rest.store.db)

    @post("/operations/{operation_id:int}/cancel", opt=OPERATOR)
    async def cancel(request: Asked, operation_id: int) -> Response[OperationTold]:
        who = request.user.name

        def job() -> OperationTold:
            done = rest.desk.office.cancel(number(operation_id), who, time.time())
            alerts, fetches = own.matches([done.id]), own.fetch_numbers([done.id])
            return operation_told(done, alerts.get(done.id, {}), fetches.get(done.id, 0))

        change = Change("operations.cancel", str(operation_id), job)
        return await rest.changes.make(request, change)

    return [cancel]


def _alerts(rest: Rest) -> list[Any]:
    @get("/alerts", opt=VIEWER, sync_to_thread=True)
    def alerts(
        match: Match | None = None, limit: Limit = LIMIT, cursor: str | None = None,
        sort: Way = Way.DOWN,
    ) -> Alerts:  # fmt: skip
        found = listing.alerts(rest.reads, match, page_of(limit, cursor, sort, NEWEST))
        return Alerts(*cut([AlertTold(*one) for one in found], limit, lambda a: a.id))

    return [alerts]


def _found(rest: Rest, operation_id: int) -> Operation:
    found = rest.desk.views.operation(number(operation_id))
    if found is None:
        raise Missing(f"no operation {operation_id}")
    return found
