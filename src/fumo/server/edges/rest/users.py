"""`/users` and `/audit`: who may do what, and who did what. For admins alone."""

import asyncio
import time
from typing import Any

from litestar import Response, get, patch, post
from msgspec import Struct

from fumo.server.access import check_name, check_password, role_of
from fumo.server.edges import listing
from fumo.server.edges.access.passwords import HASHER
from fumo.server.edges.access.store import AccessStore, AuditRow, UserRow
from fumo.server.edges.rest.changes import Change, read
from fumo.server.edges.rest.frame import ADMIN, Asked, Limit, Rest, words
from fumo.server.office import Missing
from fumo.server.paging import LIMIT, NEWEST, Way, cut, key_of, page_of
from fumo.server.rollout import Denied


class Audit(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[AuditRow]
    next: str | None


class Users(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[UserRow]
    next: str | None


class NewUser(Struct, frozen=True, forbid_unknown_fields=True):
    """A user to be added; without a password only tokens let in."""

    name: str
    role: str
    password: str | None = None


class UserChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of a user: another role, another password, or both."""

    role: str | None = None
    password: str | None = None


def routes(rest: Rest) -> list[Any]:
    """By name; the audit log with the newest line first."""
    return [*_reads(rest), *_changes(rest)]


def _reads(rest: Rest) -> list[Any]:
    access = AccessStore(rest.reads)

    @get("/audit", opt=ADMIN, sync_to_thread=True)
    def audit(limit: Limit = LIMIT, cursor: str | None = None, sort: Way = Way.DOWN) -> Audit:
        found = listing.audit(rest.reads, page_of(limit, cursor, sort, NEWEST))
        return Audit(*cut(found, limit, lambda a: a.id))

    @get("/users", opt=ADMIN, sync_to_thread=True)
    def users(limit: Limit = LIMIT, cursor: str | None = None) -> Users:
        found = access.users(key_of(cursor, ""), limit + 1)
        return Users(*cut(found, limit, lambda u: u.name))

    @get("/users/{name:str}", opt=ADMIN)
    async def user(name: str) -> Response[UserRow]:
        return await read(lambda: _there(access, name, locked=False))

    return [audit, users, user]


def _changes(rest: Rest) -> list[Any]:
    access = AccessStore(rest.store.db)

    @post("/users", opt=ADMIN)
    async def add_user(request: Asked, data: NewUser) -> Response[UserRow]:
        role, at_s = role_of(data.role), time.time()
        check_name(data.name)
        kept = await hashed(data.password)

        def job() -> UserRow:
            if not access.add_user(data.name, role, kept, at_s):
                raise Denied(f"user {data.name!r} is there already")
            return UserRow(data.name, role, at_s)

        target, quotas = f"{data.name} {role}", (("users", ""),)
        change = Change("users.add", target, job, quotas=quotas)
        return await rest.changes.make(request, change)

    @patch("/users/{name:str}", opt=ADMIN)
    async def change_user(request: Asked, name: str, data: UserChange) -> Response[UserRow]:
        role = None if data.role is None else role_of(data.role)
        kept = await hashed(data.password)

        def job() -> UserRow:
            access.change_user(name, role or _there(access, name).role, kept)
            return _there(access, name)

        told = f"{name} {role or ''}{' password' if kept else ''}"
        change = Change("users.change", told, job, tagged=lambda: _there(access, name), status=200)
        return await rest.changes.make(request, change)

    @post("/users/{name:str}/remove", opt=ADMIN)
    async def remove_user(request: Asked, name: str) -> Response[dict[str, str]]:
        def job() -> dict[str, str]:
            if not access.remove_user(words(name)):
                raise Missing(f"no user {name!r}")
            return {"removed": name}

        return await rest.changes.make(request, Change("users.remove", name, job))

    return [add_user, change_user, remove_user]


async def hashed(password: str | None) -> str | None:
    """What is kept of a password; Denied when it is none."""
    if password is None:
        return None
    check_password(password)
    return await asyncio.to_thread(HASHER.hash, password)


def _there(access: AccessStore, name: str, locked: bool = True) -> UserRow:
    row = access.user_row(words(name), locked)
    if row is None:
        raise Missing(f"no user {name!r}: add it with 'fumo users add'")
    return row
