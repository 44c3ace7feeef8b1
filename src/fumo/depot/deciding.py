"""What a request gets: a package, a descriptor of it, a plain file, or why not.

An address that nobody made and a package that is gone look alike. A package is read once before
it is served, and never served when it is not what its name says.
"""

import asyncio
import hashlib
import sys

from msgspec.structs import replace

from fumo.depot import ranges, urls
from fumo.depot.answers import ALLOWED, AS_IT_IS_NOW, PACKAGE_TYPE, Answer
from fumo.depot.ports import Found, Store
from fumo.depot.ranges import Plan
from fumo.depot.request import Request
from fumo.depot.transfers import described, reported
from fumo.depot.urls import Address, Wanted
from fumo.depot.ways import Way, Ways, inside, way

PLAIN = {"/metadata/": "metadata/"}
"""Plain files of the store that all may read who know their names, since they are signed."""
TYPES = {"json": "application/json"}


class Deciding:
    """Over one store."""

    def __init__(self, store: Store, key: bytes, ways: Ways) -> None:
        """`key` signs the package addresses; `ways` says who may send."""
        self._store = store
        self._key = key
        self._ways = ways
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
        told = Answer(Plan(404), operation=address.operation_id, lane=address.lane)
        found = await self._found(address.content)
        if found is None:
            return told
        if address.wants is Wanted.DESCRIPTOR:
            return described(request, address, found.length)
        plan = ranges.plan(request.ask, found.sha256, found.length, found.tag)
        told = replace(told, plan=plan, sha256=found.sha256, length=found.length)
        sends = way(self._ways, request, plan, found, address.lane is not None)
        if sends is Way.STORE:  # whoever is led there reads it, and needs no reading by us
            return await self._led(told, found)
        if self._needs_reading(request, plan) and not await self._is_whole(found):
            return replace(told, plan=Plan(500), sha256="")
        if sends is Way.NGINX:
            return replace(told, via=sends, place=inside(self._ways, found.sha256))
        return replace(told, source=found.path or found.sha256)

    async def _found(self, sha256: str) -> Found | None:
        """A folder answers at once; what is asked over a network is asked beside the loop."""
        if self._store.is_near:
            return self._store.find(sha256)
        return await asyncio.to_thread(self._store.find, sha256)

    async def _led(self, told: Answer, found: Found) -> Answer:
        place = await asyncio.to_thread(self._store.lead, found.sha256, self._ways.lead_s)
        if place is None:
            return replace(told, source=found.sha256)
        return replace(told, via=Way.STORE, place=place)

    def _needs_reading(self, request: Request, plan: Plan) -> bool:
        """What is far is read only when some of it goes out."""
        return self._store.is_near or (request.method == "GET" and plan.count > 0)

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
