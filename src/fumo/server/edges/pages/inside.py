"""The pages' own way to `/api/v1`: a call within the process, in the name of who looks.

So a page may do what its user may do, and nothing else: roles, checks, limits, the audit log and
the words of each refusal are those of the API.
"""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlencode

import msgspec
from msgspec import Struct

from fumo.server.access import Actor
from fumo.server.edges.rest.door import ACTOR

BASE = "/api/v1"
Scope = dict[str, Any]


class Answer(Struct, frozen=True):
    """What the API said."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def good(self) -> bool:
        """Was it done?"""
        return 200 <= self.status < 300

    @property
    def value(self) -> Any:
        """Its JSON."""
        return msgspec.json.decode(self.body) if self.body else None

    @property
    def words(self) -> str:
        """What went wrong, and what to do."""
        told = self.value if not self.good else {}
        return str(told.get("detail", "")) if isinstance(told, dict) else ""


class Inside(Struct, frozen=True):
    """Calls an ASGI application."""

    app: Any

    async def ask(
        self, actor: Actor, method: str, path: str, body: Any = None,
        query: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """As this actor."""
        scope = _scope(method, path, query or {}, actor.place, headers or {})
        return await self._call({**scope, ACTOR: actor}, body)

    async def knock(self, name: str, password: str, place: str) -> Answer:
        """With a password: good if it lets in."""
        pair = base64.b64encode(f"{name}:{password}".encode()).decode()
        proof = {"authorization": f"Basic {pair}"}
        return await self._call(_scope("GET", "/packages", {"limit": 1}, place, proof), None)

    async def _call(self, scope: Scope, body: Any) -> Answer:
        sent = b"" if body is None else msgspec.json.encode(body)
        length = [(b"content-length", str(len(sent)).encode())] if sent else []
        scope["headers"] += length
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(event: Any) -> None:
            said.append(event)

        await self.app(scope, receive, send)
        heads = {k.decode().lower(): v.decode() for k, v in said[0]["headers"]}
        return Answer(said[0]["status"], heads, b"".join(e.get("body", b"") for e in said[1:]))


def _scope(
    method: str, path: str, query: Mapping[str, Any], place: str, headers: Mapping[str, str]
) -> Scope:
    given = {key: value for key, value in query.items() if value not in (None, "")}
    raw = [(key.lower().encode(), value.encode("latin-1")) for key, value in headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(BASE + path),
        "raw_path": (BASE + path).encode(),
        "root_path": "",
        "query_string": urlencode(given).encode(),
        "headers": [(b"host", b"fumo"), (b"content-type", b"application/json"), *raw],
        "client": (place, 0),
        "server": ("fumo", 80),
        "state": {},
    }
