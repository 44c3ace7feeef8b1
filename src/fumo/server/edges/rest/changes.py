"""Changes by the API: each is one transaction, and its line in the audit log with it.

With an Idempotency-Key the answer stands in that transaction too: the same request again changes
nothing and gets the same answer, for a day, over restarts and from any process.
"""

import hashlib
import time
from collections.abc import Callable
from typing import Any

import msgspec
from litestar import MediaType, Request, Response
from msgspec import Struct

from fumo.server.access import Actor
from fumo.server.edges.access_store import AccessStore
from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.database import Database, Forbidden
from fumo.server.edges.rest.desk import Desk
from fumo.server.rollout import Denied

KEY_LENGTH_MAX = 128


class Change(Struct, frozen=True):
    """What is done, and to what; `job` gives what the answer says."""

    action: str
    target: str
    job: Callable[[], Any]
    secret: bool = False
    """Its answer is never kept."""


class Changes(Struct, frozen=True):
    """Carries them out."""

    desk: Desk
    store: AdminStore

    async def make(self, request: Request[Any, Any, Any], change: Change) -> Response[Any]:
        """201 with what came of it."""
        given, actor = request.headers.get("idempotency-key"), request.user
        if given is not None and not (0 < len(given) <= KEY_LENGTH_MAX and given.isprintable()):
            raise Denied(f"an Idempotency-Key has 1 to {KEY_LENGTH_MAX} printable characters")
        if given is not None and change.secret:
            raise Denied("what is shown once cannot be given again: leave the Idempotency-Key out")
        asked = f"{request.method} {request.url.path}\n".encode() + await request.body()
        sha256 = hashlib.sha256(asked).hexdigest()

        def whole() -> bytes:
            return _whole(self.store.db, actor, change, given, sha256)

        try:
            body = await self.desk.order(whole)
        except Forbidden:  # perhaps another process answered this key in between
            body = await self.desk.order(whole)
        return Response(body, media_type=MediaType.JSON, status_code=201)


def _whole(db: Database, actor: Actor, change: Change, given: str | None, sha256: str) -> bytes:
    access, at_s = AccessStore(db), time.time()
    with db.transaction():
        if given is not None and (there := access.answered(actor.name, given, at_s)):
            if there[0] != sha256:
                raise Denied("this Idempotency-Key was used for another request: take a new one")
            return bytes(there[1])
        body = msgspec.json.encode(change.job())
        access.note(at_s, actor.name, actor.place, change.action, change.target)
        if given is not None:
            access.keep_answer(actor.name, given, sha256, body, at_s)
        return body
