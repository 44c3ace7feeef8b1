"""Who comes to the API: the owner of the socket, a token, or a user with a password.

A password is proven by argon2, two at a time, so that guessers cannot take the whole processor;
a name that is not there costs the same.
"""

import asyncio
import base64
import binascii
from typing import Any, TypeAlias

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from fumo.server.access import PASSWORD_LENGTH_MAX, Actor, Role, token_sha256
from fumo.server.edges.access_store import AccessStore

OWNER = "fumo.owner"
"""A key of the scope: it came by the socket, which only the owner of the folder reaches."""
ACTOR = "fumo.actor"
"""A key of the scope: our own pages ask, in the name of this actor, whom they let in."""
Link: TypeAlias = ASGIConnection[Any, Any, Any, Any]
AT_ONCE = 2
HASHER = PasswordHasher()
NOBODY = HASHER.hash("nobody's password")


class Door:
    """A guard of every route; what each asks for stands in its `opt`."""

    def __init__(self, access: AccessStore) -> None:
        """`access` is only read."""
        self._access = access
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def __call__(
        self, link: ASGIConnection[Any, Any, Any, Any], to: BaseRouteHandler
    ) -> None:
        """401 without a proof that fits, 403 where the role is too small."""
        needed = to.opt.get("role")
        if needed is None:
            return
        actor = await self._actor(link)
        if actor is None:
            words = "give a token: Authorization: Bearer fumo_..., from 'fumo tokens add USER'"
            raise NotAuthorizedException(words, headers={"WWW-Authenticate": "Bearer"})
        if not actor.role.covers(needed):
            raise PermissionDeniedException(
                f"{actor.name} is {actor.role}, and this asks for {needed}: ask an admin"
            )
        link.scope["user"] = actor

    async def _actor(self, link: Link) -> Actor | None:
        if link.scope.get(OWNER):
            return Actor("owner", Role.ADMIN, "socket")
        inside = link.scope.get(ACTOR)
        if isinstance(inside, Actor):
            return inside
        place = link.client.host if link.client else ""
        scheme, _, proof = link.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            sha256 = token_sha256(proof.strip())
            found = await asyncio.to_thread(self._access.holder, sha256)
            return Actor(*found, place) if found else None
        if scheme.lower() == "basic":
            return await self._by_password(*_pair(proof), place)
        return None

    async def _by_password(self, name: str, password: str, place: str) -> Actor | None:
        if not name or "\0" in name or len(password) > PASSWORD_LENGTH_MAX:
            return None
        found = await asyncio.to_thread(self._access.user, name)
        role, kept = found if found is not None else (Role.VIEWER, None)
        async with self._slots:
            good = await asyncio.to_thread(_fits, kept or NOBODY, password)
        return Actor(name, role, place) if good and kept else None


def _pair(proof: str) -> tuple[str, str]:
    try:
        name, _, password = base64.b64decode(proof, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return name, password


def _fits(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except (Argon2Error, InvalidHashError):
        return False
