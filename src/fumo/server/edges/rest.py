"""`/api/v1`: what programs ask of the server and order from it, by HTTP and JSON.

Every route says in its `opt` which role it asks for. Listings come by pages, errors as
problem+json that says what to do, and `/api/v1/openapi.json` describes it all. No cookie lets in
here, so no page of another site can order anything.
"""

import secrets
import time
from typing import Annotated, Any

from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.params import Parameter
from msgspec.structs import replace

from fumo.server.access import (
    TOKEN_BYTES,
    Role,
    check_name,
    check_password,
    role_of,
    token_sha256,
    token_text,
)
from fumo.server.campaign import Denied
from fumo.server.edges import listing
from fumo.server.edges.access_store import AccessStore, UserRow
from fumo.server.edges.admin_store import AdminStore, Clash
from fumo.server.edges.api import CampaignTold, Desk, campaign_told
from fumo.server.edges.door import HASHER, Door
from fumo.server.edges.rest_changes import Change, Changes
from fumo.server.edges.rest_models import (
    Alerts,
    AlertTold,
    Audit,
    Campaigns,
    Devices,
    NewCampaign,
    NewDevice,
    NewToken,
    NewUser,
    Operations,
    Packages,
    Problem,
    TokenMade,
    Tokens,
    Users,
)
from fumo.server.edges.views import Views
from fumo.server.office import Missing, Order
from fumo.server.paging import LIMIT, LIMIT_MAX, NEWEST, cut, key_of
from fumo.server.rows import Package
from fumo.server.told import DeviceTold, OperationTold, device_told

BASE = "/api/v1"
PROBLEM = "application/problem+json"
VIEWER, OPERATOR, ADMIN = ({"role": role} for role in Role)

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Asked = Request[Any, Any, Any]


def rest_app(desk: Desk, store: AdminStore) -> Litestar:
    """The ASGI application; a scope with `door.OWNER` is the owner's."""
    changes = Changes(desk, store)
    routes = [
        *_fleet(desk, changes),
        *_orders(desk, changes),
        *_access_reads(desk),
        *_access_changes(changes),
    ]
    return Litestar(
        route_handlers=routes,
        path=BASE,
        guards=[Door(AccessStore(desk.views.db))],
        exception_handlers={Denied: _denied, Clash: _denied, Exception: _failed},
        openapi_config=OpenAPIConfig(
            "Fumo", "1", path="/", render_plugins=[JsonRenderPlugin(path="/openapi.json")]
        ),
        logging_config=None,
        request_max_body_size=4 << 20,
    )


def _fleet(desk: Desk, changes: Changes) -> list[Any]:
    db = desk.views.db

    @get("/devices", opt=VIEWER, sync_to_thread=True)
    def devices(limit: Limit = LIMIT, cursor: str | None = None) -> Devices:
        found = listing.devices(db, key_of(cursor, ""), limit + 1)
        return Devices(*cut([device_told(one) for one in found], limit, lambda d: d.id))

    @post("/devices", opt=OPERATOR)
    async def add_device(request: Asked, data: NewDevice) -> Response[DeviceTold]:
        def job() -> DeviceTold:
            return device_told(desk.office.add_device(data.row()))

        return await changes.make(request, Change("devices.add", data.id, job))

    @get("/packages", opt=VIEWER, sync_to_thread=True)
    def packages(limit: Limit = LIMIT, cursor: str | None = None) -> Packages:
        found = listing.packages(db, key_of(cursor, NEWEST), limit + 1)
        return Packages(*cut(found, limit, lambda p: p.id))

    @post("/packages", opt=OPERATOR)
    async def add_package(request: Asked, data: Package) -> Response[Package]:
        target = f"{data.name} {data.version}"
        change = Change("packages.add", target, lambda: desk.office.add_package(data))
        return await changes.make(request, change)

    @get("/alerts", opt=VIEWER, sync_to_thread=True)
    def alerts(limit: Limit = LIMIT, cursor: str | None = None) -> Alerts:
        found = listing.alerts(db, key_of(cursor, NEWEST), limit + 1)
        return Alerts(*cut([AlertTold(*one) for one in found], limit, lambda a: a.id))

    return [devices, add_device, packages, add_package, alerts]


def _orders(desk: Desk, changes: Changes) -> list[Any]:
    db, own = desk.views.db, Views(changes.store.db)

    @get("/campaigns", opt=VIEWER, sync_to_thread=True)
    def campaigns(limit: Limit = LIMIT, cursor: str | None = None) -> Campaigns:
        ids = listing.campaign_ids(db, key_of(cursor, NEWEST), limit + 1)
        page, after = cut(ids, limit, lambda number: number)
        return Campaigns([_campaign(desk.views, number) for number in page], after)

    @get("/campaigns/{campaign_id:int}", opt=VIEWER, sync_to_thread=True)
    def campaign(campaign_id: int) -> CampaignTold:
        return _campaign(desk.views, campaign_id)

    @post("/campaigns", opt=OPERATOR)
    async def begin(request: Asked, data: NewCampaign) -> Response[CampaignTold]:
        order = Order(data.package, data.devices, data.operation, data.name, data.deadline_s)

        def job() -> CampaignTold:
            return _campaign(own, desk.office.begin(order, time.time()).id)

        return await changes.make(request, Change("campaigns.begin", data.package, job))

    @post("/campaigns/{campaign_id:int}/retry", opt=OPERATOR)
    async def retry(request: Asked, campaign_id: int) -> Response[CampaignTold]:
        def job() -> CampaignTold:
            desk.office.retry(_number(campaign_id), time.time())
            return _campaign(own, campaign_id)

        return await changes.make(request, Change("campaigns.retry", str(campaign_id), job))

    @get("/operations", opt=VIEWER, sync_to_thread=True)
    def operations(
        campaign: int | None = None, device: str | None = None, limit: Limit = LIMIT,
        cursor: str | None = None,
    ) -> Operations:  # fmt: skip
        if campaign is not None:
            _number(campaign)
        before = key_of(cursor, NEWEST)
        found = listing.operations(db, campaign, _text(device), before, limit + 1)
        page, after = cut(found, limit, lambda o: o.id)
        return Operations(_bare(desk.told(page)), after)

    @get("/operations/{operation_id:int}", opt=VIEWER, sync_to_thread=True)
    def operation(operation_id: int) -> OperationTold:
        found = desk.views.operation(_number(operation_id))
        if found is None:
            raise Missing(f"no operation {operation_id}")
        return _bare(desk.told([found]))[0]

    return [campaigns, campaign, begin, retry, operations, operation]


def _access_reads(desk: Desk) -> list[Any]:
    access = AccessStore(desk.views.db)

    @get("/audit", opt=ADMIN, sync_to_thread=True)
    def audit(limit: Limit = LIMIT, cursor: str | None = None) -> Audit:
        found = access.audit(key_of(cursor, NEWEST), limit + 1)
        return Audit(*cut(found, limit, lambda a: a.id))

    @get("/users", opt=ADMIN, sync_to_thread=True)
    def users(limit: Limit = LIMIT, cursor: str | None = None) -> Users:
        found = access.users(key_of(cursor, ""), limit + 1)
        return Users(*cut(found, limit, lambda u: u.name))

    @get("/tokens", opt=ADMIN, sync_to_thread=True)
    def tokens(limit: Limit = LIMIT, cursor: str | None = None) -> Tokens:
        found = access.tokens(key_of(cursor, NEWEST), limit + 1)
        return Tokens(*cut(found, limit, lambda t: t.id))

    return [audit, users, tokens]


def _access_changes(changes: Changes) -> list[Any]:
    access = AccessStore(changes.store.db)

    @post("/users", opt=ADMIN)
    async def add_user(request: Asked, data: NewUser) -> Response[UserRow]:
        role, at_s = role_of(data.role), time.time()
        check_name(data.name)
        if data.password is not None:
            check_password(data.password)
        kept = None if data.password is None else HASHER.hash(data.password)

        def job() -> UserRow:
            if not access.add_user(data.name, role, kept, at_s):
                raise Denied(f"user {data.name!r} is there already")
            return UserRow(data.name, role, at_s)

        return await changes.make(request, Change("users.add", f"{data.name} {role}", job))

    @post("/users/{name:str}/remove", opt=ADMIN)
    async def remove_user(request: Asked, name: str) -> Response[dict[str, str]]:
        def job() -> dict[str, str]:
            if not access.remove_user(_text(name) or ""):
                raise Missing(f"no user {name!r}")
            return {"removed": name}

        return await changes.make(request, Change("users.remove", name, job))

    @post("/tokens", opt=ADMIN)
    async def add_token(request: Asked, data: NewToken) -> Response[TokenMade]:
        def job() -> TokenMade:
            if access.user(_text(data.user) or "") is None:
                raise Missing(f"no user {data.user!r}: add it with 'fumo users add'")
            text = token_text(secrets.token_bytes(TOKEN_BYTES))
            label = _text(data.label) or ""
            row = access.add_token(data.user, label, token_sha256(text), time.time())
            return TokenMade(row.id, row.user, text)

        return await changes.make(request, Change("tokens.add", data.user, job, secret=True))

    @post("/tokens/{token_id:int}/revoke", opt=ADMIN)
    async def revoke_token(request: Asked, token_id: int) -> Response[dict[str, int]]:
        def job() -> dict[str, int]:
            if not access.remove_token(_number(token_id)):
                raise Missing(f"no token {token_id}")
            return {"revoked": token_id}

        return await changes.make(request, Change("tokens.revoke", str(token_id), job))

    return [add_user, remove_user, add_token, revoke_token]


def _bare(told: list[OperationTold]) -> list[OperationTold]:
    """Without the package's address, which opens the depot to whoever holds it."""
    return [replace(one, url=None) for one in told]


def _number(number: int) -> int:
    if not 0 <= number <= NEWEST:
        raise Missing(f"nothing has the number {number}")
    return number


def _text(text: str | None) -> str | None:
    if text is not None and "\0" in text:
        raise Denied("a text with the character NUL names nothing")
    return text


def _campaign(views: Views, campaign_id: int) -> CampaignTold:
    progress = views.campaign(_number(campaign_id))
    if progress is None:
        raise Missing(f"no campaign {campaign_id}")
    return campaign_told(progress)


def _problem(status: int, title: str, detail: str, **headers: str) -> Response[Problem]:
    told = Problem(title, status, detail)
    return Response(told, media_type=PROBLEM, status_code=status, headers=headers)


def _denied(_: Asked, fault: Exception) -> Response[Problem]:
    missing = isinstance(fault, Missing)
    return _problem(404 if missing else 409, "Not there" if missing else "Denied", str(fault))


def _failed(_: Asked, fault: Exception) -> Response[Problem]:
    if not isinstance(fault, HTTPException):
        return _problem(500, "Our own fault", f"{type(fault).__name__}: try again later")
    extra = fault.extra[0] if isinstance(fault.extra, list) and fault.extra else None
    more = f": {extra.get('key', '')} {extra.get('message', '')}" if isinstance(extra, dict) else ""
    title = type(fault).__name__.removesuffix("Exception")
    detail = f"{fault.detail}{more}".strip() or "see /api/v1/openapi.json for what there is"
    return _problem(fault.status_code, title, detail, **(fault.headers or {}))
