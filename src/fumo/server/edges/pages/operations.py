"""One operation: how it stands, why, and its whole story."""

import time
from typing import Any

from litestar import Response, get

from fumo.server.edges.pages.frame import Asked, Pages
from fumo.server.edges.timeline import timeline
from fumo.server.told import operation_told
from fumo.server.why import why


def routes(pages: Pages) -> list[Any]:
    """By number."""
    views = pages.views

    @get("/operations/{operation_id:int}", sync_to_thread=True)
    def operation(request: Asked, operation_id: int) -> Response[str]:
        found = views.operation(operation_id)
        progress = views.campaign(found.campaign_id) if found else None
        if found is None or progress is None:
            return pages.nothing(request, "There is no such operation.")
        alerts = views.matches([operation_id]).get(operation_id, {})
        fetches = views.fetch_numbers([operation_id]).get(operation_id, 0)
        return pages.show(
            request,
            "operation.html",
            o=operation_told(found, alerts, fetches),
            campaign=progress.campaign.name,
            package=f"{progress.package.name} {progress.package.version}",
            why=why(views.devices_of([found.device_id])[found.device_id], found, time.time()),
            entries=timeline(views, operation_id),
        )

    return [operation]
