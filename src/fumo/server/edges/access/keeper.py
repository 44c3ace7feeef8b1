"""Who comes, and may he come once more this minute? For the API and the pages."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from fumo.server.access import Actor, Role, token_sha256
from fumo.server.edges.access.allowances import Allowances
from fumo.server.edges.access.passwords import Passwords
from fumo.server.edges.access.quotas import Quotas
from fumo.server.edges.access.store import AccessStore
from fumo.server.edges.database import Database
from fumo.server.guessing import near

Order: TypeAlias = Callable[[Callable[[], Any]], Awaitable[Any]]


class Keeper:
    """One a process. `reads` only reads; `order` runs what writes on the writer's thread."""

    def __init__(self, reads: Database, writes: Database, order: Order) -> None:
        self._reads = AccessStore(reads)
        self._quotas = Quotas(reads)
        self._allowances = Allowances(writes, order)
        self._passwords = Passwords(self._reads, AccessStore(writes), order, self._quotas)

    def quotas_changed(self) -> None:
        """This process reads them again at once; others do within seconds."""
        self._quotas.forget()

    async def owner(self) -> Actor:
        """Who reaches the socket owns everything, and waits for nobody."""
        return Actor("owner", Role.ADMIN, "socket")

    async def by_token(self, text: str, place: str) -> Actor | None:
        """Who holds this token. TooMany: it asks too often."""
        sha256 = token_sha256(text)
        found = await asyncio.to_thread(self._reads.holder, sha256, time.time())
        return (
            None
            if found is None
            else await self._let_in(Actor(found[0], found[1], place, found[2]))
        )

    async def by_password(self, name: str, password: str, place: str) -> Actor | None:
        """Who proves himself so. TooMany: too many were wrong, or he asks too often."""
        role = await self._passwords.proven(name, password, place)
        return None if role is None else await self._let_in(Actor(name, role, place))

    async def refused(self, place: str) -> None:
        """Somebody proved nothing. TooMany: that was too often from there."""
        words = "too many requests without a proof from here"
        await self._spend("refusals-of-an-address", near(place), words)

    async def _let_in(self, actor: Actor) -> Actor:
        if actor.token is not None:
            words = "too many requests by this token"
            await self._spend("requests-of-a-token", str(actor.token), words)
        await self._spend("requests-of-a-user", actor.name, f"too many requests of {actor.name}")
        return actor

    async def _spend(self, quota: str, whose: str, words: str) -> None:
        most = await asyncio.to_thread(self._quotas.most, quota)
        await self._allowances.spend(f"{quota} {whose}", most, words)
