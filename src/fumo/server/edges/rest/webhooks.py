"""`/webhooks`: who is told what happens. For admins alone; a secret is shown once."""

import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from litestar import Response, get, post
from msgspec import Struct
from msgspec.structs import replace

from fumo.server.edges.database import Database
from fumo.server.edges.events import feed, hooks
from fumo.server.edges.rest.changes import Change, read
from fumo.server.edges.rest.frame import ADMIN, Asked, Rest, number
from fumo.server.events import check_place
from fumo.server.office import Missing
from fumo.server.rollout import Denied
from fumo.server.webhook import (
    HOOKS_MAX,
    SECRET_BYTES,
    SECRET_PREFIX,
    Hook,
    HookState,
    check_kinds,
    check_url,
    resumed,
)


class HookTold(Struct, frozen=True):
    """A webhook without its secret. `reason`: what was wrong at the last try, or with all."""

    id: int
    url: str
    kinds: tuple[str, ...]
    state: HookState
    number: int
    behind: int
    tries: int
    due_at_s: float
    reason: str
    created_at_s: float
    told_at_s: float | None


class Webhooks(Struct, frozen=True):
    """All of them: there are never many."""

    items: list[HookTold]


class NewWebhook(Struct, frozen=True, forbid_unknown_fields=True):
    """Which address is told which kinds of events; none: all. `after`: from which number on."""

    url: str
    kinds: tuple[str, ...] = ()
    after: int | None = None


class WebhookMade(Struct, frozen=True):
    """The only time that its secret is shown."""

    id: int
    url: str
    secret: str


def routes(rest: Rest) -> list[Any]:
    """By id."""
    return [*_reads(rest), _add(rest), *_orders(rest)]


def _reads(rest: Rest) -> list[Any]:
    @get("/webhooks", opt=ADMIN, sync_to_thread=True)
    def webhooks() -> Webhooks:
        last = feed.newest(rest.reads)
        return Webhooks([_told(hook, last) for hook in hooks.every(rest.reads)])

    @get("/webhooks/{webhook_id:int}", opt=ADMIN)
    async def webhook(webhook_id: int) -> Response[HookTold]:
        return await read(
            lambda: _told(_find(rest.reads, webhook_id), feed.newest(rest.reads)), _steered
        )

    return [webhooks, webhook]


def _add(rest: Rest) -> Any:
    db = rest.store.db

    @post("/webhooks", opt=ADMIN)
    async def add_webhook(request: Asked, data: NewWebhook) -> Response[WebhookMade]:
        check_url(data.url)
        check_kinds(data.kinds)

        def job() -> WebhookMade:
            if len(hooks.every(db)) >= HOOKS_MAX:
                raise Denied(f"there are {HOOKS_MAX} webhooks, and no more may be: remove one")
            last = feed.newest(db)
            begin = last if data.after is None else number(data.after)
            check_place(begin, last)
            hook = hooks.add(
                db,
                Hook(0, data.url, _secret(), data.kinds, HookState.ACTIVE, begin, time.time()),
            )
            return WebhookMade(hook.id, hook.url, hook.secret)

        # the path of an address may be a secret of its receiver
        host = urlsplit(data.url).hostname or ""
        change = Change("webhooks.add", host, job, secret=True)
        return await rest.changes.make(request, change)

    return add_webhook


def _orders(rest: Rest) -> list[Any]:
    db = rest.store.db

    async def changed(
        request: Asked, webhook_id: int, word: str, change: Callable[[Hook], Hook]
    ) -> Response[HookTold]:
        def job() -> HookTold:
            hook = change(_find(db, webhook_id, hooks.locked))
            hooks.change(db, hook)
            return _told(hook, feed.newest(db))

        def seen() -> Any:
            return _steered(_told(_find(db, webhook_id, hooks.locked), 0))

        order = Change(f"webhooks.{word}", str(webhook_id), job, tagged=seen)
        return await rest.changes.make(request, order)

    @post("/webhooks/{webhook_id:int}/pause", opt=ADMIN)
    async def pause_webhook(request: Asked, webhook_id: int) -> Response[HookTold]:
        return await changed(
            request, webhook_id, "pause", lambda hook: replace(hook, state=HookState.PAUSED)
        )

    @post("/webhooks/{webhook_id:int}/resume", opt=ADMIN)
    async def resume_webhook(request: Asked, webhook_id: int) -> Response[HookTold]:
        return await changed(request, webhook_id, "resume", lambda hook: resumed(hook, time.time()))

    @post("/webhooks/{webhook_id:int}/rotate", opt=ADMIN)
    async def rotate_webhook(request: Asked, webhook_id: int) -> Response[WebhookMade]:
        def job() -> WebhookMade:
            hook = replace(_find(db, webhook_id), secret=_secret())
            hooks.change(db, hook)
            return WebhookMade(hook.id, hook.url, hook.secret)

        change = Change("webhooks.rotate", str(webhook_id), job, secret=True)
        return await rest.changes.make(request, change)

    @post("/webhooks/{webhook_id:int}/remove", opt=ADMIN)
    async def remove_webhook(request: Asked, webhook_id: int) -> Response[dict[str, int]]:
        def job() -> dict[str, int]:
            if not hooks.remove(db, number(webhook_id)):
                raise Missing(f"no webhook {webhook_id}")
            return {"removed": webhook_id}

        return await rest.changes.make(request, Change("webhooks.remove", str(webhook_id), job))

    return [pause_webhook, resume_webhook, rotate_webhook, remove_webhook]


def _steered(told: HookTold) -> Any:
    """What its ETag names: what admins change, and nothing that moves as events are told."""
    return told.id, told.url, told.kinds, told.state


def _find(
    db: Database, webhook_id: int, by: Callable[[Database, int], Hook | None] = hooks.find
) -> Hook:
    hook = by(db, number(webhook_id))
    if hook is None:
        raise Missing(f"no webhook {webhook_id}: 'GET /api/v1/webhooks' lists them")
    return hook


def _secret() -> str:
    return SECRET_PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def _told(hook: Hook, last: int) -> HookTold:
    return HookTold(
        hook.id,
        hook.url,
        hook.kinds,
        hook.state,
        hook.number,
        max(last - hook.number, 0),
        hook.tries,
        hook.due_at_s,
        hook.reason,
        hook.created_at_s,
        hook.told_at_s,
    )
