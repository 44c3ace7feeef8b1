"""Operations by a filter; alerts as they came, also late and unmatched ones; incidents."""

from typing import Any

from litestar import Response, get, post

from fumo.server.edges.pages.frame import Asked, Pages, field
from fumo.server.edges.pages.sheets import sheet, shown
from fumo.server.edges.timeline import alert_words
from fumo.server.rows import Match


def routes(pages: Pages) -> list[Any]:
    """The newest first."""
    return [*_lists(pages), *_incidents(pages)]


def _lists(pages: Pages) -> list[Any]:
    @get("/operations")
    async def operations(request: Asked) -> Response[str]:
        found = await sheet(pages, request, "/operations")
        return shown(pages, request, "operations.html", found)

    @get("/alerts")
    async def alerts(request: Asked) -> Response[str]:
        match = request.query_params.get("match", "")
        found = await sheet(pages, request, "/alerts", match=match)
        words = [alert_words(one["alert"]["data"]) for one in found.rows]
        return shown(
            pages, request, "alerts.html", found, words=words, match=match, matches=list(Match)
        )

    return [operations, alerts]


def _incidents(pages: Pages) -> list[Any]:
    @get("/incidents")
    async def incidents(request: Asked) -> Response[str]:
        wanted = "true" if request.query_params.get("seen") == "true" else "false"
        found = await sheet(pages, request, "/incidents", seen=wanted)
        return shown(pages, request, "incidents.html", found, all=wanted == "true")

    @post("/incidents/seen")
    async def looked_at(request: Asked) -> Response[Any]:
        number = field(await request.form(), "id")
        if not number.isdecimal():
            return pages.nothing(request, "There is no such incident.")
        return await pages.order(request, f"/incidents/{number}/seen", None, "/incidents")

    return [incidents, looked_at]
