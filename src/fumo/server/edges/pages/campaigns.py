"""The overview, and a campaign with its operations."""

from typing import Any

from litestar import Response, get

from fumo.server.edges.pages.cards import campaign_look
from fumo.server.edges.pages.frame import Pages
from fumo.server.edges.pages.rows import device_rows, operation_rows
from fumo.server.edges.views import ROWS_MAX


def routes(pages: Pages) -> list[Any]:
    """The newest first."""
    views = pages.views

    @get("/", sync_to_thread=True)
    def overview() -> Response[str]:
        devices = views.devices()
        return pages.show(
            "overview.html",
            campaigns=[campaign_look(progress) for progress in views.campaigns()],
            devices=device_rows(views, devices),
            more=len(devices) == ROWS_MAX,
        )

    @get("/campaigns/{campaign_id:int}", sync_to_thread=True)
    def campaign(campaign_id: int) -> Response[str]:
        progress = views.campaign(campaign_id)
        if progress is None:
            return pages.missing("There is no such campaign.")
        rows = operation_rows(views, views.operations(campaign_id=campaign_id))
        return pages.show("campaign.html", c=campaign_look(progress), rows=rows)

    return [overview, campaign]
