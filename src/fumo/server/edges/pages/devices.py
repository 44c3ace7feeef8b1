"""Devices: those that a filter chooses, one of them, and what operators note of it."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromQuery

from fumo.server.edges.marks import marks_of
from fumo.server.edges.pages.frame import Asked, Pages, field
from fumo.server.edges.pages.rows import RowLook, device_rows, operation_rows
from fumo.server.edges.pages.sheets import sheet, shown
from fumo.server.edges.waking import rows as waking
from fumo.server.rows import Device, Operation
from fumo.server.told import UNMARKED, device_told
from fumo.server.why import at_work, why

OPERATIONS_MAX = 50
CONTACTS_MAX = 10


def routes(pages: Pages) -> list[Any]:
    """By id. An id may have any character, so it stands behind the address, not in it."""
    return [*_shown(pages), *_ordered(pages)]


def _shown(pages: Pages) -> list[Any]:
    views = pages.views

    @get("/devices")
    async def devices(request: Asked) -> Response[str]:
        found = await sheet(pages, request, "/devices")
        ids = [one["id"] for one in found.rows]
        rows = await asyncio.to_thread(_newest, pages, ids)
        return shown(pages, request, "devices.html", found, rows=rows)

    @get("/device", sync_to_thread=True)
    def device(request: Asked, id: FromQuery[str]) -> Response[str]:
        one = views.devices_of([id]).get(id) if "\0" not in id else None
        if one is None:
            return pages.nothing(request, "There is no such device.")
        told = device_told(one, marks_of(views.db, [id]).get(id, UNMARKED))
        operations = views.operations(device_id=id, limit=OPERATIONS_MAX)
        telling = at_work(operations)
        return pages.show(
            request,
            "device.html",
            d=told,
            why=_why(pages, one, telling) if telling else "",
            rows=operation_rows(views, operations, newest_first=True),
            wake=waking.find(views.db, id),
            contacts=waking.newest(views.db, id, CONTACTS_MAX),
        )

    return [devices, device]


def _why(pages: Pages, device: Device, operation: Operation) -> str:
    campaign = pages.views.campaign_row(operation.campaign_id)
    return why(device, operation, campaign, time.time())


def _newest(pages: Pages, ids: list[str]) -> dict[str, RowLook]:
    found = pages.views.devices_of(ids)
    there: list[Device] = [found[each] for each in ids if each in found]
    return {row.name: row for row in device_rows(pages.views, there)}


def _ordered(pages: Pages) -> list[Any]:
    @post("/device/marks")
    async def mark(request: Asked) -> Response[Any]:
        form = await request.form()
        device_id = field(form, "id")
        back = f"/device?{urlencode({'id': device_id})}"
        body = {"devices": [device_id], **_marks(form)}
        return await pages.order(request, "/devices/marks", body, back)

    @post("/device/wake")
    async def wake(request: Asked) -> Response[Any]:
        device_id = field(await request.form(), "id")
        back = f"/device?{urlencode({'id': device_id})}"
        return await pages.order(request, "/notifications", {"device": device_id}, back)

    return [mark, wake]


def _marks(form: Mapping[str, Any]) -> dict[str, Any]:
    """What the small forms of a device's page say, for the API to judge."""
    name, value = field(form, "name").strip(), field(form, "value").strip()
    return {
        "add": [field(form, "add").strip()] if field(form, "add").strip() else [],
        "remove": [field(form, "remove")] if field(form, "remove") else [],
        "set": {name: value or None} if name else {},
    }
