"""Proofs by a name and a password, for the API and the pages.

argon2 makes each one dear, so only two are looked at at a time. A name that is not there costs the
same. Each try is counted before it is looked at (`guesses`), so neither many at once nor many
processes give a guesser more of them. Who was right is believed for a minute without counting.
"""

import asyncio
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from weakref import WeakValueDictionary

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from msgspec import Struct

from fumo.server.access import NAME_LENGTH_MAX, PASSWORD_LENGTH_MAX, Role
from fumo.server.edges.access.allowances import TooMany, take
from fumo.server.edges.access.guesses import Guesses, Waits
from fumo.server.edges.access.quotas import Quotas
from fumo.server.edges.access.store import AccessStore
from fumo.server.guessing import Free, counted, near

AT_ONCE = 2
WAITING_MAX = 64
BELIEVED_S = 60.0
BELIEVED_MAX = 1_000
SHUT_MAX = 10_000
NOTED_A_MINUTE = 60
"""Lines of the audit log that refused tries may write."""
WHOSE = ("a-user-at-a-place", "a-place", "a-user")
HASHER = PasswordHasher()
NOBODY = HASHER.hash("nobody's password")


class Passwords:
    """Of one process, on its event loop; `order` runs a job on the writer's thread."""

    def __init__(
        self,
        reads: AccessStore,
        writes: AccessStore,
        order: Callable[[Callable[[], Any]], Awaitable[Any]],
        quotas: Quotas,
    ) -> None:
        self._reads, self._writes, self._order = reads, writes, order
        self._quotas = quotas
        self._guesses = Guesses(writes.db)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._salt = secrets.token_bytes(32)
        self._believed: dict[bytes, float] = {}
        self._shut: dict[str, float] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def proven(self, name: str, password: str, place: str) -> Role | None:
        """The role of the user who says it; None: it is wrong. TooMany: too many were."""
        if not _possible(name, password):
            return None
        found = await asyncio.to_thread(self._reads.user, name)
        role, kept = found if found is not None else (Role.VIEWER, None)
        claim = Claim(name, password, near(place), kept)
        lock = self._locks.setdefault(f"{name} {claim.place}", asyncio.Lock())
        async with lock:
            good = self._is_believed(claim) or await self._tried(claim)
        return role if good else None

    async def _tried(self, claim: "Claim") -> bool:
        if self._waiting >= WAITING_MAX:
            raise TooMany("too many passwords at once", 5)
        self._waiting += 1
        try:
            return await self._counted(claim)
        finally:
            self._waiting -= 1

    async def _counted(self, claim: "Claim") -> bool:
        name, place, at_s = claim.name, claim.place, time.time()
        free = await asyncio.to_thread(self._free)
        self._insist(counted(name, place, free))
        try:
            await self._order(lambda: self._guesses.begin(name, place, at_s, free))
        except Waits as wait:
            self._shut[wait.name] = time.monotonic() + wait.wait_s
            self._insist((wait.name,))
        async with self._slots:
            good = await asyncio.to_thread(_fits, claim.kept or NOBODY, claim.password)
        if good and claim.kept:
            self._believe(claim)
            await self._order(lambda: self._guesses.forgive(name, place))
            return True
        await self._order(lambda: self._note(claim))
        return False

    def _insist(self, names: Iterable[str]) -> None:
        """TooMany while one of these is shut, as far as this process knows: it asks no database."""
        wait_s = max(self._shut.get(name, 0.0) for name in names) - time.monotonic()
        if wait_s > 0:
            raise TooMany("too many wrong passwords: use a token, or come again later", wait_s)
        if len(self._shut) >= SHUT_MAX:
            self._shut.clear()

    def _free(self) -> Free:
        both, place, user = (self._quotas.most(f"wrong-passwords-of-{whose}") for whose in WHOSE)
        return Free(both, place, user)

    def _note(self, claim: "Claim") -> None:
        """A line of the audit log, as far as there are not too many."""
        at_s, db = time.time(), self._writes.db
        with db.transaction():
            if take(db, "refusals noted", NOTED_A_MINUTE, 1, at_s):
                self._writes.note(at_s, "nobody", claim.place, "login.refused", claim.name)

    def _mark(self, claim: "Claim") -> bytes:
        words = "\0".join((claim.name, claim.password, claim.kept or ""))
        return hmac.digest(self._salt, words.encode(), "sha256")

    def _is_believed(self, claim: "Claim") -> bool:
        """A password that was changed since has another mark."""
        return self._believed.get(self._mark(claim), 0.0) > time.monotonic()

    def _believe(self, claim: "Claim") -> None:
        if len(self._believed) >= BELIEVED_MAX:
            self._believed.clear()
        self._believed[self._mark(claim)] = time.monotonic() + BELIEVED_S


class Claim(Struct, frozen=True):
    """Who says to be whom, and the hash that is kept of that user's password."""

    name: str
    password: str
    place: str
    kept: str | None


def _possible(name: str, password: str) -> bool:
    plain = 0 < len(name) <= NAME_LENGTH_MAX and name.isprintable()
    return plain and len(password) <= PASSWORD_LENGTH_MAX


def _fits(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except (Argon2Error, InvalidHashError):
        return False
