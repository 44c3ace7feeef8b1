"""Packages: what stands in the depot, and the smaller ways to each."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from fumo.server.edges.pages.frame import Asked, Pages
from fumo.server.edges.pages.sheets import sheet, shown


def routes(pages: Pages) -> list[Any]:
    """The newest first."""

    @get("/packages")
    async def packages(request: Asked) -> Response[str]:
        found = await sheet(pages, request, "/packages")
        answer = await pages.ask(request, "GET", "/packages/metadata")
        signed = answer.value if answer.good else None
        return shown(pages, request, "packages.html", found, signed=signed)

    @get("/packages/{package_id:int}")
    async def package(request: Asked, package_id: FromPath[int]) -> Response[str]:
        answer = await pages.ask(request, "GET", f"/packages/{package_id}/deltas")
        if not answer.good:
            return pages.nothing(request, "There is no such package.", answer.status)
        told = answer.value
        return pages.show(request, "package.html", p=told["package"], deltas=told["items"])

    return [packages, package]
