"""`/tokens`, `/sessions` and `/me`: what lets programs in, and what a user does for himself.

A token may have an end, and a smaller role than its user. A session is a token that a password
bought, for half a day.
"""

import secrets
import time
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotAuthorizedException
from msgspec import Struct
from msgspec.structs import replace

from fumo.server.access import (
    SESSION_S,
    TOKEN_BYTES,
    Actor,
    Role,
    ends_at_s,
    role_of,
    token_sha256,
    token_text,
)
from fumo.server.edges.access.store import AccessStore, TokenRow
from fumo.server.edges.rest.changes import Change
from fumo.server.edges.rest.door import place
from fumo.server.edges.rest.frame import ADMIN, VIEWER, Asked, Limit, Rest, number, words
from fumo.server.edges.rest.users import hashed
from fumo.server.office import Missing
from fumo.server.paging import LIMIT, NEWEST, cut, key_of
from fumo.server.rollout import Denied


class Tokens(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[TokenRow]
    next: str | None


class NewToken(Struct, frozen=True, forbid_unknown_fields=True):
    """A token to be made for a user: with the user's role, unless it gets a smaller one."""

    user: str
    label: str = ""
    role: str | None = None
    lasts_s: float | None = None


class TokenMade(Struct, frozen=True):
    """The only time that a token is shown."""

    id: int
    user: str
    role: Role
    token: str
    ends_at_s: float | None


class NewSession(Struct, frozen=True, forbid_unknown_fields=True):
    """A user who proves himself."""

    name: str
    password: str


class NewPassword(Struct, frozen=True, forbid_unknown_fields=True):
    """A user's password, and the one that takes its place."""

    old: str
    new: str


class Me(Struct, frozen=True):
    """Who asks, as the server sees it."""

    name: str
    role: Role
    place: str
    token: int | None


def routes(rest: Rest) -> list[Any]:
    """Tokens are the admins' matter, the newest first; sessions and passwords everybody's own."""
    return [*_tokens(rest), *_sessions(rest), *_me(rest)]


def _tokens(rest: Rest) -> list[Any]:
    access, reads = AccessStore(rest.store.db), AccessStore(rest.reads)

    @get("/tokens", opt=ADMIN, sync_to_thread=True)
    def tokens(limit: Limit = LIMIT, cursor: str | None = None) -> Tokens:
        found = reads.tokens(key_of(cursor, NEWEST), limit + 1)
        return Tokens(*cut(found, limit, lambda t: t.id))

    @post("/tokens", opt=ADMIN)
    async def add_token(request: Asked, data: NewToken) -> Response[TokenMade]:
        role = None if data.role is None else role_of(data.role)
        until_s = ends_at_s(data.lasts_s, time.time())

        def job() -> TokenMade:
            found = access.user(words(data.user))
            if found is None:
                raise Missing(f"no user {data.user!r}: add it with 'fumo users add'")
            own = role or found[0]
            if not found[0].covers(own):
                raise Denied(f"{data.user} is {found[0]}: a token of his is nothing more")
            return _made(access, TokenRow(0, data.user, words(data.label), own, False, 0, until_s))

        quotas = (("tokens-of-a-user", data.user),)
        change = Change("tokens.add", data.user, job, secret=True, quotas=quotas)
        return await rest.changes.make(request, change)

    @post("/tokens/{token_id:int}/revoke", opt=ADMIN)
    async def revoke_token(request: Asked, token_id: int) -> Response[dict[str, int]]:
        change = Change("tokens.revoke", str(token_id), lambda: _revoked(access, token_id))
        return await rest.changes.make(request, change)

    return [tokens, add_token, revoke_token]


def _sessions(rest: Rest) -> list[Any]:
    access = AccessStore(rest.store.db)

    @post("/sessions")
    async def begin_session(request: Asked, data: NewSession) -> Response[TokenMade]:
        actor = await _proven(rest, request, data.name, data.password)
        row = TokenRow(0, actor.name, "session", actor.role, True, 0, time.time() + SESSION_S)
        quotas = (("tokens-of-a-user", actor.name),)
        change = Change(
            "sessions.begin", actor.name, lambda: _made(access, row), secret=True, quotas=quotas
        )
        return await rest.changes.make(request, change, actor)

    @post("/sessions/end", opt=VIEWER)
    async def end_session(request: Asked) -> Response[dict[str, int]]:
        token_id = request.user.token
        if token_id is None:
            raise Denied("only a token can be ended, and this request bears none")
        change = Change("sessions.end", str(token_id), lambda: _revoked(access, token_id))
        return await rest.changes.make(request, change)

    return [begin_session, end_session]


def _me(rest: Rest) -> list[Any]:
    access = AccessStore(rest.store.db)

    @get("/me", opt=VIEWER, sync_to_thread=False)
    def me(request: Asked) -> Me:
        actor: Actor = request.user
        return Me(actor.name, actor.role, actor.place, actor.token)

    @post("/me/password", opt=VIEWER)
    async def new_password(request: Asked, data: NewPassword) -> Response[dict[str, str]]:
        actor: Actor = request.user
        await _proven(rest, request, actor.name, data.old)
        kept = await hashed(data.new)

        def job() -> dict[str, str]:
            row = access.user_row(actor.name, locked=True)
            if row is None:
                raise Missing(f"no user {actor.name!r}")
            access.change_user(row.name, row.role, kept)
            return {"changed": row.name}

        change = Change("users.password", actor.name, job, secret=True)
        return await rest.changes.make(request, change)

    return [me, new_password]


async def _proven(rest: Rest, request: Asked, name: str, password: str) -> Actor:
    actor = await rest.keeper.by_password(name, password, place(request))
    if actor is None:
        await rest.keeper.refused(place(request))
        raise NotAuthorizedException("there is no such user with this password")
    return actor


def _made(access: AccessStore, row: TokenRow) -> TokenMade:
    text = token_text(secrets.token_bytes(TOKEN_BYTES))
    row = access.add_token(replace(row, created_at_s=time.time()), token_sha256(text))
    return TokenMade(row.id, row.user, row.role, text, row.ends_at_s)


def _revoked(access: AccessStore, token_id: int) -> dict[str, int]:
    if not access.remove_token(number(token_id)):
        raise Missing(f"no token {token_id}")
    return {"revoked": token_id}
