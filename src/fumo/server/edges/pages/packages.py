"""Packages: what stands in the depot."""

from typing import Any

from litestar import Response, get

from fumo.server.edges.pages.frame import Asked, Pages
from fumo.server.edges.pages.sheets import sheet, shown


def routes(pages: Pages) -> list[Any]:
    """The newest first."""

    @get("/packages")
    async def packages(request: Asked) -> Response[str]:
        found = await sheet(pages, request, "/packages")
        return shown(pages, request, "packages.html", found)

    return [packages]
