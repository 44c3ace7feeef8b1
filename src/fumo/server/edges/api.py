"""The admin interface: HTTP and JSON over a Unix socket that only the owner of the folder reaches.

Readers go to `Views`; every order runs on the writer's thread. What an order gets wrong is said in
one line with status 404 or 409.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.exceptions import HTTPException
from msgspec import Struct

from fumo.dm.notification import session_id_text
from fumo.server.edges import udp_push
from fumo.server.edges.admin_store import Clash
from fumo.server.edges.pump_thread import PumpThread
from fumo.server.edges.timeline import Entry, timeline
from fumo.server.edges.views import Progress, Views
from fumo.server.office import Missing, Notice, Office, Order, Terms
from fumo.server.operation import meaning_of
from fumo.server.rollout import Denied
from fumo.server.rows import DEADLINE_S, Device, Operation, Package
from fumo.server.told import DeviceTold, OperationTold, device_told, operation_told
from fumo.server.why import why


class NewDevice(Struct, frozen=True):
    """A device to be added."""

    id: str
    user: str
    password: str
    server_password: str
    profile: str = "standard"

    def row(self) -> Device:
        """As it is stored."""
        return Device(self.id, self.user, self.password, self.server_password, self.profile)


class NewNotice(Struct, frozen=True):
    """A device to be asked for a session, and where it listens."""

    device: str
    to: str
    ui: str = "unspecified"


class NewCampaign(Struct, frozen=True):
    """A campaign to be begun."""

    package: str
    devices: list[str]
    operation: str
    name: str = ""
    deadline_s: float = DEADLINE_S
    terms: Terms = Terms()


class CampaignTold(Struct, frozen=True):
    """How a campaign stands; `failures` counts results by code, with their names.

    `total` counts operations; `retried` of them were ordered anew, and are not their device's last.
    """

    id: int
    name: str
    package: str
    version: str
    kind: str
    created_at_s: float
    total: int
    retried: int
    states: dict[str, int]
    results: dict[str, int]
    failures: dict[str, int]
    state: str
    groups: int
    opened: int
    why: str


class Story(Struct, frozen=True):
    """One operation and its timeline."""

    operation: OperationTold
    why: str
    timeline: list[Entry]


class Desk(Struct, frozen=True):
    """What the handlers need."""

    thread: PumpThread
    office: Office
    views: Views
    new_link: Callable[[], str]

    async def order(self, job: Callable[[], Any]) -> Any:
        """Run an order on the writer's thread."""
        return await asyncio.wrap_future(self.thread.call(job))

    def told(self, operations: list[Operation]) -> list[OperationTold]:
        """Operations with what their alerts were, and how often their package was asked for."""
        ids = [operation.id for operation in operations]
        matches, fetches = self.views.matches(ids), self.views.fetch_numbers(ids)
        return [operation_told(o, matches.get(o.id, {}), fetches.get(o.id, 0)) for o in operations]


def admin_app(desk: Desk) -> Litestar:
    """The ASGI application."""
    return Litestar(
        route_handlers=[*_devices(desk), *_packages(desk), *_campaigns(desk), *_operations(desk)],
        exception_handlers={Denied: _denied, Clash: _denied, Exception: _failed},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=4 << 20,
    )


def _devices(desk: Desk) -> list[Any]:
    @get("/devices", sync_to_thread=True)
    def devices() -> list[DeviceTold]:
        return [device_told(device) for device in desk.views.devices()]

    @post("/devices")
    async def add_device(data: NewDevice) -> DeviceTold:
        return device_told(await desk.order(lambda: desk.office.add_device(data.row())))

    @post("/notifications")
    async def notify(data: NewNotice) -> dict[str, str]:
        to = _place(data.to)
        notice: Notice = await desk.order(lambda: desk.office.notice(data.device, data.ui))
        await asyncio.to_thread(_sent, notice.datagram, to)
        return {"session": session_id_text(notice.session_id)}

    @post("/links", sync_to_thread=False)
    def add_link() -> dict[str, str]:
        return {"url": desk.new_link()}

    return [devices, add_device, notify, add_link]


def _place(text: str) -> tuple[str, int]:
    try:
        return udp_push.place(text)
    except ValueError as fault:
        raise Denied(str(fault)) from None


def _sent(datagram: bytes, to: tuple[str, int]) -> None:
    try:
        udp_push.send(datagram, to)
    except OSError as fault:
        raise Denied(f"nothing could be sent to {to[0]}: {fault}") from fault


def _packages(desk: Desk) -> list[Any]:
    @get("/packages", sync_to_thread=True)
    def packages() -> list[Package]:
        return desk.views.packages()

    @post("/packages")
    async def add_package(data: Package) -> Package:
        added: Package = await desk.order(lambda: desk.office.add_package(data))
        return added

    return [packages, add_package]


def _campaigns(desk: Desk) -> list[Any]:
    @get("/campaigns", sync_to_thread=True)
    def campaigns() -> list[CampaignTold]:
        return [campaign_told(progress) for progress in desk.views.campaigns()]

    @get("/campaigns/{campaign_id:int}", sync_to_thread=True)
    def campaign(campaign_id: int) -> CampaignTold:
        return _campaign(desk, campaign_id)

    @post("/campaigns")
    async def begin(data: NewCampaign) -> CampaignTold:
        order = Order(
            data.package, data.devices, data.operation, data.name, data.deadline_s, data.terms
        )
        begun = await desk.order(lambda: desk.office.begin(order, time.time()))
        return _campaign(desk, begun.id)

    @post("/campaigns/{campaign_id:int}/retry")
    async def retry(campaign_id: int) -> list[OperationTold]:
        return desk.told(await desk.order(lambda: desk.office.retry(campaign_id, time.time())))

    @post("/campaigns/{campaign_id:int}/orders/{word:str}")
    async def steer(campaign_id: int, word: str) -> CampaignTold:
        await desk.order(lambda: desk.office.steer(campaign_id, word, time.time()))
        return _campaign(desk, campaign_id)

    return [campaigns, campaign, begin, retry, steer]


def _operations(desk: Desk) -> list[Any]:
    @get("/operations", sync_to_thread=True)
    def operations(
        campaign: int | None = None, device: str | None = None, limit: int = 500
    ) -> list[OperationTold]:
        return desk.told(desk.views.operations(campaign, device, max(1, min(limit, 10_000))))

    @get("/operations/{operation_id:int}", sync_to_thread=True)
    def operation(operation_id: int) -> Story:
        found = desk.views.operation(operation_id)
        if found is None:
            raise Missing(f"no operation {operation_id}")
        device = desk.views.devices_of([found.device_id])[found.device_id]
        told = timeline(desk.views, operation_id)
        return Story(desk.told([found])[0], why(device, found, time.time()), told)

    return [operations, operation]


def _campaign(desk: Desk, campaign_id: int) -> CampaignTold:
    progress = desk.views.campaign(campaign_id)
    if progress is None:
        raise Missing(f"no campaign {campaign_id}")
    return campaign_told(progress)


def campaign_told(progress: Progress) -> CampaignTold:
    """A campaign for an operator."""
    campaign, results = progress.campaign, progress.results
    named = {f"{code} {meaning_of(code)}": number for code, number in results.items()}
    return CampaignTold(
        id=campaign.id,
        name=campaign.name,
        package=progress.package.name,
        version=progress.package.version,
        kind=campaign.kind.value,
        created_at_s=campaign.created_at_s,
        total=sum(progress.states.values()),
        retried=sum(progress.retried.values()),
        states=progress.states,
        results={str(code): number for code, number in results.items()},
        failures={words: number for words, number in named.items() if words[0] != "2"},
        state=campaign.state.value,
        groups=max(1, len(campaign.sizes)),
        opened=campaign.opened,
        why=campaign.why,
    )


def _denied(_: Request[Any, Any, Any], fault: Exception) -> Response[dict[str, str]]:
    status = 404 if isinstance(fault, Missing) else 409
    return Response({"detail": str(fault)}, media_type=MediaType.JSON, status_code=status)


def _failed(_: Request[Any, Any, Any], fault: Exception) -> Response[dict[str, str]]:
    if isinstance(fault, HTTPException):
        words = fault.detail
        extra = fault.extra[0].get("message", "") if isinstance(fault.extra, list) else ""
        told = {"detail": f"{words} {extra}".strip()}
        return Response(told, media_type=MediaType.JSON, status_code=fault.status_code)
    words = f"our own fault: {type(fault).__name__}"
    return Response({"detail": words}, media_type=MediaType.JSON, status_code=500)
