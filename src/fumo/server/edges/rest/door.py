"""Who comes to the API: the owner of the socket, a token, or a user with a password.

A guard of every route. What proves nothing is counted for its place, and what proves something for
its user and its token: too much of either is 429, and says when to come again.
"""

import base64
import binascii
from typing import Any, TypeAlias

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from fumo.server.access import Actor
from fumo.server.edges.access.keeper import Keeper

OWNER = "fumo.owner"
"""A key of the scope: it came by the socket, which only the owner of the folder reaches."""
ACTOR = "fumo.actor"
"""A key of the scope: our own pages ask, in the name of this actor, whom they let in."""
Link: TypeAlias = ASGIConnection[Any, Any, Any, Any]


class Door:
    """What each route asks for stands in its `opt`."""

    def __init__(self, keeper: Keeper) -> None:
        """The keeper is asked for everybody who does not come by the socket."""
        self._keeper = keeper

    async def __call__(self, link: Link, to: BaseRouteHandler) -> None:
        """401 without a proof that fits, 403 where the role is too small."""
        needed = to.opt.get("role")
        if needed is None:
            return
        actor = await self._actor(link)
        if actor is None:
            await self._keeper.refused(place(link))
            words = "give a token: Authorization: Bearer fumo_..., from 'fumo tokens add USER'"
            raise NotAuthorizedException(words, headers={"WWW-Authenticate": "Bearer"})
        if not actor.role.covers(needed):
            raise PermissionDeniedException(
                f"{actor.name} is {actor.role} here, and this asks for {needed}: ask an admin"
            )
        link.scope["user"] = actor

    async def _actor(self, link: Link) -> Actor | None:
        if link.scope.get(OWNER):
            return await self._keeper.owner()
        inside = link.scope.get(ACTOR)
        if isinstance(inside, Actor):
            return inside
        scheme, _, proof = link.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self._keeper.by_token(proof.strip(), place(link))
        if scheme.lower() == "basic":
            return await self._keeper.by_password(*_pair(proof), place(link))
        return None


def place(link: Link) -> str:
    """Where somebody comes from."""
    return link.client.host if link.client else ""


def _pair(proof: str) -> tuple[str, str]:
    try:
        name, _, password = base64.b64decode(proof, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return name, password
