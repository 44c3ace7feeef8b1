"""The description of the API, `/api/v1/openapi.json`: what the routes say of themselves, and more.

Models and parameters come from the routes. What is the same everywhere stands here once: which
errors a request may meet, what proves somebody, and which headers an order may bear. Examples are
those of `examples`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import JsonRenderPlugin
from msgspec import Struct

from fumo.server.edges.rest.examples import EXAMPLES

PROBLEM = "application/problem+json"
ABOUT = """What programs ask of a Fumo server and order from it. Listings come by pages: `next` of a
page is the `cursor` of the one after it. Errors are problem+json (RFC 9457), and `detail` says what
to do. An order with an `Idempotency-Key` is carried out once, however often it comes."""
ALWAYS = {
    400: "A parameter or the body is not what this route takes.",
    429: "Too many: the header Retry-After says in how many seconds to come again.",
    500: "Our own fault. It stands in the server's log.",
    503: "Too much at once, or about to end: come again.",
}
PROVEN = {
    401: "No proof, or none that fits.",
    403: "The role is too small.",
}
NAMED = {404: "What the request names is not there."}
ORDERED = {
    409: "The order makes no sense as things stand.",
    412: "It was changed since the ETag in If-Match was read.",
    413: "The body is too large.",
}
ASKED = {409: "A value names nothing that there can be, such as a cursor of somebody else."}
SECURITY = {
    "token": {"type": "http", "scheme": "bearer"},
    "password": {"type": "http", "scheme": "basic"},
}
PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What went wrong, and what to do."},
    },
    "example": {
        "title": "Not there",
        "status": 404,
        "detail": "no package 'fw': add it with 'fumo package add'",
    },
}
TEXT = {"type": "string"}
ONCE = {
    "name": "Idempotency-Key", "in": "header", "required": False, "schema": TEXT,
    "description": "1 to 128 characters: the same request again changes nothing, and gets the same"
    " answer, for a day.",
}  # fmt: skip
UNCHANGED = {
    "name": "If-Match", "in": "header", "required": False, "schema": TEXT,
    "description": "An ETag: nothing is changed if it was changed since that was read.",
}  # fmt: skip
NEEDS = {
    "send_upload": {
        "name": "Upload-Offset", "in": "header", "required": True,
        "schema": {"type": "integer", "minimum": 0},
        "description": "Where the bytes begin: what the upload says as its offset.",
    },
}  # fmt: skip
"""Headers without which a route does nothing."""
TAGGED = {
    "campaign", "retry", "steer", "user", "change_user", "quota", "set_quota",
    "webhook", "pause_webhook", "resume_webhook",
}  # fmt: skip
"""What tells an ETag, or asks for none but that one."""
ETAG = {"schema": TEXT, "description": "Names it as it is now, for If-Match."}
RETRY_AFTER = {"schema": {"type": "string"}, "description": "Seconds."}


class Route(Struct, frozen=True):
    """What the description of a route cannot know by itself."""

    subject: str
    role: str | None


def routes_of(subject: str, handlers: Iterable[HTTPRouteHandler]) -> dict[str, Route]:
    """By the names of their functions, which become their operationIds."""
    found = {}
    for one in handlers:
        one.operation_id = getattr(one.fn, "__name__", "")
        role = one.opt.get("role")
        found[one.operation_id] = Route(subject, role and str(role))
    return found


class Described(JsonRenderPlugin):
    """Serves the completed document."""

    def __init__(self, routes: Mapping[str, Route]) -> None:
        """Of these routes."""
        super().__init__(path="/openapi.json")
        self._routes = routes
        self._whole: dict[str, Any] = {}

    def render(self, request: Any, openapi_schema: dict[str, Any]) -> bytes:
        """JSON; made once."""
        if not self._whole:
            self._whole = completed(openapi_schema, self._routes)
        return super().render(request, self._whole)


def completed(document: dict[str, Any], routes: Mapping[str, Route]) -> dict[str, Any]:
    """The document with what the routes do not say."""
    parts = document.setdefault("components", {})
    parts["securitySchemes"] = SECURITY
    schemas = parts.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM_SCHEMA
    for name, example in EXAMPLES.items():
        if name in schemas:
            schemas[name] |= {"additionalProperties": False, "examples": [example]}
    for item in document["paths"].values():
        for method, told in item.items():
            _complete(method, told, routes[told["operationId"]])
    return document | {"info": document["info"] | {"description": ABOUT}}


def _complete(method: str, told: dict[str, Any], route: Route) -> None:
    told["tags"] = [route.subject]
    told["summary"] = told["operationId"].replace("_", " ").capitalize()
    told["security"] = [{name: []} for name in SECURITY] if route.role else []
    if route.role:
        told["description"] = f"For {route.role}s and above."
    orders = method != "get"
    if orders:
        told.setdefault("parameters", []).append(ONCE)
    if told["operationId"] in NEEDS:
        told["parameters"].append(NEEDS[told["operationId"]])
    if orders and told["operationId"] in TAGGED:
        told["parameters"].append(UNCHANGED)
    for status, answer in told["responses"].items():
        if status < "300" and told["operationId"] in TAGGED:
            answer.setdefault("headers", {})["ETag"] = ETAG
    errors = ALWAYS | NAMED | (PROVEN if route.role else {401: PROVEN[401]})
    errors |= ORDERED if orders else ASKED
    told["responses"] |= {str(status): _error(status, errors[status]) for status in sorted(errors)}


def _error(status: int, words: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    headers = {"Retry-After": RETRY_AFTER} if status in (429, 503) else {}
    return {"description": words, "headers": headers, "content": {PROBLEM: {"schema": schema}}}
