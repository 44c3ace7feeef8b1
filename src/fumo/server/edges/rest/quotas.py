"""`/quotas`: how much there may be of what, and how often who may ask."""

from typing import Any

from litestar import Response, get, put
from msgspec import Struct

from fumo.server.edges.access.quotas import QuotaRow, Quotas
from fumo.server.edges.rest.changes import Change, read
from fumo.server.edges.rest.frame import ADMIN, VIEWER, Asked, Rest, words
from fumo.server.office import Missing
from fumo.server.quotas import MOST_MAX
from fumo.server.rollout import Denied


class QuotaChange(Struct, frozen=True, forbid_unknown_fields=True):
    """The number that holds from now on."""

    most: int


class QuotaList(Struct, frozen=True):
    """All of them."""

    items: list[QuotaRow]


def routes(rest: Rest) -> list[Any]:
    """By name."""
    reads, writes = Quotas(rest.reads), Quotas(rest.store.db)

    @get("/quotas", opt=VIEWER, sync_to_thread=True)
    def quotas() -> QuotaList:
        return QuotaList(reads.all())

    @get("/quotas/{name:str}", opt=VIEWER)
    async def quota(name: str) -> Response[QuotaRow]:
        return await read(lambda: _there(reads, name))

    @put("/quotas/{name:str}", opt=ADMIN)
    async def set_quota(request: Asked, name: str, data: QuotaChange) -> Response[QuotaRow]:
        if not 0 <= data.most <= MOST_MAX:
            raise Denied(f"a quota is a number from 0 to {MOST_MAX}")

        def job() -> QuotaRow:
            writes.set(_there(writes, name).name, data.most)
            return _there(writes, name)

        told = f"{name} {data.most}"
        change = Change("quotas.set", told, job, tagged=lambda: _there(writes, name), status=200)
        answer = await rest.changes.make(request, change)
        rest.keeper.quotas_changed()
        return answer

    return [quotas, quota, set_quota]


def _there(quotas: Quotas, name: str) -> QuotaRow:
    row = quotas.one(words(name))
    if row is None:
        raise Missing(f"no quota {name!r}")
    return row
