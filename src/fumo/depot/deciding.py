"""What a request gets: a package, a descriptor of it, a plain file, or why not.

An address that nobody made and a package that is gone look alike. A package is read once before
it is served, and never served when it is not what its name says.
"""

import asyncio
import hashlib
import sys

from fumo.depot import ranges, urls
from fumo.depot.answers import ALLOWED, AS_IT_IS_NOW, PACKAGE_TYPE, Answer
from fumo.depot.ports import Found, Store
from fumo.depot.ranges import Plan
from fumo.depot.request import Request
from fumo.depot.transfers import described, reported
from fumo.depot.urls import Address, Wanted

PLAIN = {"/metadata/": "metadata/"}
"""Plain files of the store that all may read who know their names, since they are signed."""
LEAD_S = 3600
"""How long an address into the store is good."""
SENT = (200, 206)
TYPES = {"json": "application/json"}


class Deciding:
    """Over one store."""

    def __init__(self, store: Store, key: bytes) -> None:
        """`key` signs the package addresses."""
        self._store = store
        self._key = key
        self._reading = asyncio.Lock()

    async def decide(self, request: Request) -> Answer:
        """What this request gets."""
        address = urls.read(request.target, self._key)
        if address is not None and address.wants is Wanted.REPORT:
            return reported(request, address)
        if request.method not in ALLOWED:
            return Answer(Plan(405))
        if (name := _plain(request.target)) is not None:
            return _small(request, name, await asyncio.to_thread(self._store.plain, name))
        return Answer(Plan(404)) if address is None else await self._package(request, address)

    async def _package(self, request: Request, address: Address) -> Answer:
        found = await asyncio.to_thread(self._store.find, address.content)
        if found is None:
            return Answer(Plan(404), operation=address.operation_id)
        if address.wants is Wanted.DESCRIPTOR:
            return described(request, address, found.length)
        if found.path is None:
            return await self._led(request, address, found)
        if not await self._is_whole(found):
            return Answer(Plan(500), operation=address.operation_id)
        plan = ranges.plan(request.ask, found.sha256, found.length)
        return Answer(plan, found.path, found.sha256, found.length, address.operation_id)

    async def _led(self, request: Request, address: Address, found: Found) -> Answer:
        """To the store itself, by an address that is good for a while, where it has such."""
        told = (found.sha256, found.length, address.operation_id)
        plan = ranges.plan(request.ask, found.sha256, found.length)
        if plan.status not in SENT or request.method == "HEAD":
            return Answer(plan, None, *told)
        place = await asyncio.to_thread(self._store.lead, found.sha256, LEAD_S)
        if place is None:
            return Answer(Plan(503), operation=address.operation_id)
        return Answer(Plan(302), operation=address.operation_id, place=place)

    async def _is_whole(self, found: Found) -> bool:
        """Read once, beside the loop, one file after the other; a damaged one is never served."""
        if (known := self._store.checked(found)) is not None:
            return known
        async with self._reading:
            if (known := self._store.checked(found)) is not None:
                return known
            whole = await asyncio.to_thread(self._store.check, found)
        if not whole:
            sys.stderr.write(f"depot: {found.sha256} is damaged: its SHA-256 is not its name\n")
        return whole


def _plain(target: str) -> str | None:
    """The name of a plain file in the store; a query is no part of it."""
    path = target.partition("?")[0]
    found = (place + path.removeprefix(at) for at, place in PLAIN.items() if path.startswith(at))
    return next(found, None)


def _small(request: Request, name: str, data: bytes | None) -> Answer:
    """It may be another one at any time: nobody keeps it unasked."""
    if data is None:
        return Answer(Plan(404))
    sha256 = hashlib.sha256(data).hexdigest()
    plan = ranges.plan(request.ask, sha256, len(data))
    kind = TYPES.get(name.rpartition(".")[2], PACKAGE_TYPE)
    return Answer(plan, data, sha256, len(data), media_type=kind, caching=AS_IT_IS_NOW)
