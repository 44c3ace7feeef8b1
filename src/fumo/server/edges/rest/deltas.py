"""`/packages/{id}/deltas`: the smaller ways to a package, what each cost, what is to be signed."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from fumo.package.listing import Route
from fumo.package.plan import Format
from fumo.server.deltas import Delta, listing
from fumo.server.edges.database import Database
from fumo.server.edges.deltas import rows
from fumo.server.edges.rest.changes import Change
from fumo.server.edges.rest.frame import OPERATOR, VIEWER, Asked, Rest, number
from fumo.server.office import Missing
from fumo.server.rollout import Denied
from fumo.server.rows import Package


class NewDelta(Struct, frozen=True):
    """A delta that an operator wants: from the package with the id `base`."""

    base: int
    format: Format = Format.ZSTD


class Deltas(Struct, frozen=True):
    """A package, its deltas, and the JSON that is to stand in `deltas` of its signed words."""

    package: Package
    items: list[Delta]
    listing: list[Route]


def routes(rest: Rest) -> list[Any]:
    """The newest base first."""

    def package_of(db: Database, package_id: int) -> Package:
        found = rows.package(db, number(package_id))
        if found is None:
            raise Missing(f"no package {package_id}")
        return found

    @get("/packages/{package_id:int}/deltas", opt=VIEWER, sync_to_thread=True)
    def deltas(package_id: FromPath[int]) -> Deltas:
        package = package_of(rest.reads, package_id)
        found = rows.of_package(rest.reads, package_id)
        return Deltas(package, found, listing(found))

    @post("/packages/{package_id:int}/deltas", opt=OPERATOR)
    async def order_delta(
        request: Asked, package_id: FromPath[int], data: NewDelta
    ) -> Response[Delta]:
        def job() -> Delta:
            db = rest.store.db
            base, package = package_of(db, data.base), package_of(db, package_id)
            if base.sha256 == package.sha256:
                raise Denied("a package is no base of itself")
            return rows.order(db, package.id, base.id, data.format.value)

        target = f"{package_id} from {data.base}"
        return await rest.changes.make(request, Change("deltas.order", target, job))

    return [deltas, order_delta]
