"""Changes by the API: each is one transaction, and its line in the audit log with it.

With an Idempotency-Key the answer stands in that transaction too: the same request again changes
nothing and gets the same answer, for a day, over restarts and from any process. With an If-Match
nothing is changed but what the asker has seen. Quotas are asked last, within the transaction.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from litestar import MediaType, Request, Response
from msgspec import Struct

from fumo.errors import FumoError
from fumo.server.access import Actor
from fumo.server.edges.access.quotas import Quotas
from fumo.server.edges.access.store import AccessStore
from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.database import Database, Forbidden
from fumo.server.edges.rest.desk import Desk
from fumo.server.rollout import Denied

KEY_LENGTH_MAX = 128

log = logging.getLogger("fumo.server")
T = TypeVar("T")


class Change(Struct, frozen=True):
    """What is done, and to what; `job` gives what the answer says."""

    action: str
    target: str
    job: Callable[[], Any]
    secret: bool = False
    """Its answer is never kept."""
    tagged: Callable[[], Any] | None = None
    """What its ETag names, as it is now, locked until the transaction ends."""
    quotas: tuple[tuple[str, str], ...] = ()
    """What there may be too much of afterwards, and whose."""
    status: int = 201


async def read(job: Callable[[], T], names: Callable[[T], Any] = lambda told: told) -> Response[T]:
    """What a job reads, with the ETag of what of it can be changed."""
    told = await asyncio.to_thread(job)
    return Response(told, headers={"ETag": etag(names(told))})


class Outdated(FumoError):
    """What is to be changed is not what its changer has seen."""


def etag(value: Any) -> str:
    """The name of a thing as it is now."""
    return f'"{hashlib.sha256(msgspec.json.encode(value)).hexdigest()[:20]}"'


class Changes(Struct, frozen=True):
    """Carries them out."""

    desk: Desk
    store: AdminStore

    async def make(
        self, request: Request[Any, Any, Any], change: Change, actor: Actor | None = None
    ) -> Response[Any]:
        """What came of it; by whoever asks, unless another proved himself."""
        demand = await _demand(request, change, actor)

        def whole() -> Done:
            return _whole(self.store.db, change, demand)

        try:
            done = await self.desk.order(whole)
        except Forbidden:  # perhaps another process answered this key in between
            done = await self.desk.order(whole)
        who = demand.actor
        log.info("%s at %s: %s %s", who.name, who.place, change.action, change.target)
        headers = {"ETag": done.tag} if done.tag else {}
        return Response(
            done.body, media_type=MediaType.JSON, status_code=change.status, headers=headers
        )


class Demand(Struct, frozen=True):
    """What the request says of itself: who asks, what for, and under which conditions."""

    actor: Actor
    given: str | None
    sha256: str
    match: str | None


class Done(Struct, frozen=True):
    """An answer, and the name of what was changed as it is now."""

    body: bytes
    tag: str = ""


async def _demand(request: Request[Any, Any, Any], change: Change, actor: Actor | None) -> Demand:
    given = request.headers.get("idempotency-key")
    if given is not None and not (0 < len(given) <= KEY_LENGTH_MAX and given.isprintable()):
        raise Denied(f"an Idempotency-Key has 1 to {KEY_LENGTH_MAX} printable characters")
    if given is not None and change.secret:
        raise Denied("what is shown once cannot be given again: leave the Idempotency-Key out")
    asked = f"{request.method} {request.url.path}\n".encode() + await request.body()
    match = request.headers.get("if-match")
    return Demand(actor or request.user, given, hashlib.sha256(asked).hexdigest(), match)


def _whole(db: Database, change: Change, demand: Demand) -> Done:
    access, at_s, actor = AccessStore(db), time.time(), demand.actor
    with db.transaction():
        if demand.given and (there := access.answered(actor.name, demand.given, at_s)):
            if there[0] != demand.sha256:
                raise Denied("this Idempotency-Key was used for another request: take a new one")
            return Done(bytes(there[1]))
        _insist(change, demand.match)
        body = msgspec.json.encode(change.job())
        tag = etag(change.tagged()) if change.tagged else ""
        access.note(at_s, actor.name, actor.place, change.action, change.target)
        if demand.given:
            access.keep_answer(actor.name, demand.given, demand.sha256, body, at_s)
        for name, whose in change.quotas:
            Quotas(db).check(name, whose)
        return Done(body, tag)


def _insist(change: Change, match: str | None) -> None:
    """Outdated, unless it is still what the asker has seen."""
    if match is None:
        return
    now = change.tagged() if change.tagged else None
    wanted = {one.strip() for one in match.split(",")}
    if now is None or not wanted & {"*", etag(now)}:
        raise Outdated("it was changed since you read it, or has no ETag: read it again first")
