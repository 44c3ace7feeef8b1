"""`/api/v1`: what programs ask of the server and order from it, by HTTP and JSON.

Listings come by pages, errors as problem+json, and `/api/v1/openapi.json` describes it all. No
cookie lets in here, so no page of another site can order anything.
"""

from litestar import Litestar, Router
from litestar.openapi import OpenAPIConfig
from litestar.routes import HTTPRoute

from fumo.server.edges.access.allowances import TooMany
from fumo.server.edges.access.keeper import Keeper
from fumo.server.edges.admin_store import AdminStore, Clash
from fumo.server.edges.news import News
from fumo.server.edges.rest import (
    bootstraps,
    campaigns,
    contacts,
    contents,
    deltas,
    devices,
    events,
    identities,
    imports,
    incidents,
    notices,
    operations,
    packages,
    quotas,
    targets,
    tokens,
    uploads,
    users,
    webhooks,
)
from fumo.server.edges.rest.changes import Changes, Outdated
from fumo.server.edges.rest.describing import Described, Route, routes_of
from fumo.server.edges.rest.desk import Desk
from fumo.server.edges.rest.door import Door
from fumo.server.edges.rest.frame import Rest
from fumo.server.edges.rest.problems import denied, failed, outdated, too_many
from fumo.server.rollout import Denied

BASE = "/api/v1"
RESOURCES = (
    devices,
    imports,
    identities,
    bootstraps,
    packages,
    deltas,
    contents,
    uploads,
    campaigns,
    operations,
    incidents,
    events,
    notices,
    contacts,
    targets,
    users,
    webhooks,
    tokens,
    quotas,
)
BODY_BYTES_MAX = 4 << 20
"""Room for an order that names 100,000 devices, and no more."""


def rest_app(desk: Desk, store: AdminStore, news: News, keeper: Keeper) -> Litestar:
    """The ASGI application; a scope with `door.OWNER` is the owner's."""
    rest = Rest(desk, store, Changes(desk, store), news, keeper)
    made = {resource: resource.routes(rest) for resource in RESOURCES}
    told: dict[str, Route] = {}
    for resource, handlers in made.items():
        told |= routes_of(resource.__name__.rpartition(".")[2], handlers)
    # all of a path in one router: registered one by one, each would be called through two threads
    every = Router("/", route_handlers=[each for handlers in made.values() for each in handlers])
    for route in every.routes:  # OPTIONS would tell of the first method alone: it is made anew
        if isinstance(route, HTTPRoute):
            own = [each for each in route.route_handlers if "OPTIONS" not in each.http_methods]
            route.route_handlers = own
    return Litestar(
        route_handlers=[every],
        path=BASE,
        guards=[Door(keeper)],
        exception_handlers={
            Denied: denied,
            Clash: denied,
            Outdated: outdated,
            TooMany: too_many,
            Exception: failed,
        },
        openapi_config=OpenAPIConfig("Fumo", "1", path="/", render_plugins=[Described(told)]),
        logging_config=None,
        request_max_body_size=BODY_BYTES_MAX,
    )
