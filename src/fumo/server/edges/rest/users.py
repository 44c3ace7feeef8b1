"""`/users`, `/tokens` and `/audit`: who may do what, and who did what."""

import secrets
import time
from typing import Any

from litestar import Response, get, post
from msgspec import Struct

from fumo.server.access import (
    TOKEN_BYTES,
    check_name,
    check_password,
    role_of,
    token_sha256,
    token_text,
)
from fumo.server.edges.access_store import AccessStore, AuditRow, TokenRow, UserRow
from fumo.server.edges.rest.changes import Change
from fumo.server.edges.rest.door import HASHER
from fumo.server.edges.rest.frame import ADMIN, Asked, Limit, Rest, number, words
from fumo.server.office import Missing
from fumo.server.paging import LIMIT, NEWEST, cut, key_of
from fumo.server.rollout import Denied


class Audit(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[AuditRow]
    next: str | None


class Users(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[UserRow]
    next: str | None


class Tokens(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[TokenRow]
    next: str | None


class NewUser(Struct, frozen=True):
    """A user to be added; without a password only tokens let in."""

    name: str
    role: str
    password: str | None = None


class NewToken(Struct, frozen=True):
    """A token to be made for a user."""

    user: str
    label: str = ""


class TokenMade(Struct, frozen=True):
    """The only time that a token is shown."""

    id: int
    user: str
    token: str


def routes(rest: Rest) -> list[Any]:
    """For admins alone."""
    return [*_reads(rest), *_users(rest), *_tokens(rest)]


def _reads(rest: Rest) -> list[Any]:
    access = AccessStore(rest.reads)

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


def _users(rest: Rest) -> list[Any]:
    access = AccessStore(rest.store.db)

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

        return await rest.changes.make(request, Change("users.add", f"{data.name} {role}", job))

    @post("/users/{name:str}/remove", opt=ADMIN)
    async def remove_user(request: Asked, name: str) -> Response[dict[str, str]]:
        def job() -> dict[str, str]:
            if not access.remove_user(words(name)):
                raise Missing(f"no user {name!r}")
            return {"removed": name}

        return await rest.changes.make(request, Change("users.remove", name, job))

    return [add_user, remove_user]


def _tokens(rest: Rest) -> list[Any]:
    access = AccessStore(rest.store.db)

    @post("/tokens", opt=ADMIN)
    async def add_token(request: Asked, data: NewToken) -> Response[TokenMade]:
        def job() -> TokenMade:
            if access.user(words(data.user)) is None:
                raise Missing(f"no user {data.user!r}: add it with 'fumo users add'")
            text = token_text(secrets.token_bytes(TOKEN_BYTES))
            row = access.add_token(data.user, words(data.label), token_sha256(text), time.time())
            return TokenMade(row.id, row.user, text)

        change = Change("tokens.add", data.user, job, secret=True)
        return await rest.changes.make(request, change)

    @post("/tokens/{token_id:int}/revoke", opt=ADMIN)
    async def revoke_token(request: Asked, token_id: int) -> Response[dict[str, int]]:
        def job() -> dict[str, int]:
            if not access.remove_token(number(token_id)):
                raise Missing(f"no token {token_id}")
            return {"revoked": token_id}

        return await rest.changes.make(request, Change("tokens.revoke", str(token_id), job))

    return [add_token, revoke_token]
