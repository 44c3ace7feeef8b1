"""`/operations` and `/alerts`: what was ordered, and what devices reported, as it came."""

from typing import Any

from litestar import get
from msgspec import Struct
from msgspec.structs import replace

from fumo.server.edges import listing
from fumo.server.edges.rest.frame import VIEWER, Limit, Rest, number, words
from fumo.server.office import Missing
from fumo.server.paging import LIMIT, NEWEST, cut, key_of
from fumo.server.rows import AlertRow
from fumo.server.told import OperationTold


class Operations(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[OperationTold]
    next: str | None


class AlertTold(Struct, frozen=True):
    """An alert as it came, and what it was matched to."""

    id: int
    alert: AlertRow


class Alerts(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[AlertTold]
    next: str | None


def routes(rest: Rest) -> list[Any]:
    """The newest first."""

    @get("/operations", opt=VIEWER, sync_to_thread=True)
    def operations(
        campaign: int | None = None, device: str | None = None, limit: Limit = LIMIT,
        cursor: str | None = None,
    ) -> Operations:  # fmt: skip
        of = None if campaign is None else number(campaign)
        whose = None if device is None else words(device)
        found = listing.operations(rest.reads, of, whose, key_of(cursor, NEWEST), limit + 1)
        page, after = cut(found, limit, lambda o: o.id)
        return Operations(_bare(rest.desk.told(page)), after)

    @get("/operations/{operation_id:int}", opt=VIEWER, sync_to_thread=True)
    def operation(operation_id: int) -> OperationTold:
        found = rest.desk.views.operation(number(operation_id))
        if found is None:
            raise Missing(f"no operation {operation_id}")
        return _bare(rest.desk.told([found]))[0]

    @get("/alerts", opt=VIEWER, sync_to_thread=True)
    def alerts(limit: Limit = LIMIT, cursor: str | None = None) -> Alerts:
        found = listing.alerts(rest.reads, key_of(cursor, NEWEST), limit + 1)
        return Alerts(*cut([AlertTold(*one) for one in found], limit, lambda a: a.id))

    return [operations, operation, alerts]


def _bare(told: list[OperationTold]) -> list[OperationTold]:
    """Without the package's address, which opens the depot to whoever holds it."""
    return [replace(one, url=None) for one in told]
