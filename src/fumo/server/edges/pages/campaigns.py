"""The overview, and a campaign with its operations and its controls."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from fumo.server.edges.pages.cards import campaign_look
from fumo.server.edges.pages.frame import Asked, Pages, field
from fumo.server.edges.pages.rows import device_rows, operation_rows
from fumo.server.edges.pages.sheets import sheet, shown
from fumo.server.steering import ORDERS

CAMPAIGNS_MAX, DEVICES_MAX = 20, 50


def routes(pages: Pages) -> list[Any]:
    """The newest first."""
    return [*_shown(pages), *_ordered(pages)]


def _shown(pages: Pages) -> list[Any]:
    views = pages.views

    @get("/", sync_to_thread=True)
    def overview(request: Asked) -> Response[str]:
        devices = views.devices(DEVICES_MAX + 1)
        return pages.show(
            request,
            "overview.html",
            campaigns=[campaign_look(progress) for progress in views.campaigns(CAMPAIGNS_MAX)],
            devices=device_rows(views, devices[:DEVICES_MAX]),
            more=len(devices) > DEVICES_MAX,
        )

    @get("/campaigns")
    async def campaigns(request: Asked) -> Response[str]:
        return shown(pages, request, "campaigns.html", await sheet(pages, request, "/campaigns"))

    @get("/campaigns/{campaign_id:int}", sync_to_thread=True)
    def campaign(request: Asked, campaign_id: FromPath[int]) -> Response[str]:
        progress = views.campaign(campaign_id)
        if progress is None:
            return pages.nothing(request, "There is no such campaign.")
        rows = operation_rows(views, views.operations(campaign_id=campaign_id))
        return pages.show(request, "campaign.html", c=campaign_look(progress), rows=rows)

    return [overview, campaigns, campaign]


def _ordered(pages: Pages) -> list[Any]:
    @post("/campaigns/{campaign_id:int}/orders")
    async def order(request: Asked, campaign_id: FromPath[int]) -> Response[Any]:
        form, at = await request.form(), f"/campaigns/{campaign_id}"
        word, reason = field(form, "word"), field(form, "reason")
        path = f"{at}/retry" if word == "retry" else f"{at}/orders/{word}"
        if word != "retry" and word not in ORDERS:
            return pages.nothing(request, "There is no such order.", 400)
        return await pages.order(request, path, {"reason": reason} if reason else None, at)

    return [order]
