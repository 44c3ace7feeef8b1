"""`/packages`: what stands in the depot, and how long what is signed of it is good."""

import time
from typing import Any

from litestar import Response, get, post
from msgspec import Struct

from fumo.server.edges import listing
from fumo.server.edges.rest.changes import Change
from fumo.server.edges.rest.frame import OPERATOR, VIEWER, Asked, Limit, Rest
from fumo.server.lasting import MetadataTold
from fumo.server.paging import LIMIT, NEWEST, Way, cut, page_of
from fumo.server.rows import Package


class Packages(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[Package]
    next: str | None


def routes(rest: Rest) -> list[Any]:
    """The newest first; how the roles of signed metadata stand, as it was read last."""

    @get("/packages", opt=VIEWER, sync_to_thread=True)
    def packages(limit: Limit = LIMIT, cursor: str | None = None, sort: Way = Way.DOWN) -> Packages:
        found = listing.packages(rest.reads, page_of(limit, cursor, sort, NEWEST))
        return Packages(*cut(found, limit, lambda p: p.id))

    @post("/packages", opt=OPERATOR)
    async def add_package(request: Asked, data: Package) -> Response[Package]:
        target = f"{data.name} {data.version}"
        change = Change("packages.add", target, lambda: rest.desk.office.add_package(data))
        return await rest.changes.make(request, change)

    @get("/packages/metadata", opt=VIEWER, sync_to_thread=False)
    def signed_metadata() -> MetadataTold:
        return rest.desk.lasting(time.time())

    return [packages, add_package, signed_metadata]
