"""How often somebody may ask in a minute, whichever process he asks.

The minute's number stands in one row a name. A process takes some of it at a time and spends them
without a write: no more are ever given out than there are, and a process that ends wastes a few.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

from msgspec import Struct

from fumo.errors import FumoError
from fumo.server.edges.database import Database

MINUTE_S = 60
TAKEN_AT_ONCE = 10
"""Of a minute's number a process takes a tenth at a time."""
NAMES_MAX = 10_000
"""Names that a process remembers; then it asks the database again."""

BEGUN = """INSERT INTO allowance (name, minute, used) VALUES (?1, ?2, 0)
    ON CONFLICT (name) DO UPDATE SET
        used = CASE WHEN allowance.minute < excluded.minute THEN 0 ELSE allowance.used END,
        minute = CASE WHEN allowance.minute < excluded.minute THEN excluded.minute
            ELSE allowance.minute END"""


class TooMany(FumoError):
    """Come again later."""

    def __init__(self, words: str, retry_after_s: float) -> None:
        """`words` say of what there was too much."""
        super().__init__(words)
        self.retry_after_s = max(1, int(retry_after_s + 0.999))


def take(db: Database, name: str, most: int, wanted: int, at_s: float) -> int:
    """How many of this minute's are given, `wanted` at most; 0: none is left."""
    minute = int(at_s // MINUTE_S)
    db.run("DELETE FROM allowance WHERE minute < ?1", minute - 1)
    with db.transaction():
        db.run(BEGUN, name, minute)
        [(used,)] = db.rows("SELECT used FROM allowance WHERE name = ?1", name)
        given: int = max(0, min(wanted, most - used))
        if given:
            db.run("UPDATE allowance SET used = used + ?2 WHERE name = ?1", name, given)
    return given


class Taken(Struct):
    """What this process holds of a minute's number."""

    left: int = 0
    used_up: bool = False


class Allowances:
    """Of one process, on its event loop; `order` runs a job on the writer's thread."""

    def __init__(self, db: Database, order: Callable[[Callable[[], int]], Awaitable[int]]) -> None:
        self._db, self._order = db, order
        self._minute = 0
        self._taken: dict[tuple[str, int], Taken] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def spend(self, name: str, most: int, words: str) -> None:
        """One of this minute's; TooMany when none is left."""
        at_s = time.time()
        self._turn(int(at_s // MINUTE_S))
        taken = self._taken.setdefault((name, most), Taken())
        if not taken.left and not taken.used_up:
            await self._take(name, taken, most, at_s)
        if not taken.left:
            raise TooMany(f"{words}: {most} a minute", MINUTE_S - at_s % MINUTE_S)
        taken.left -= 1

    def _turn(self, minute: int) -> None:
        if minute != self._minute or len(self._taken) >= NAMES_MAX:
            self._minute = minute
            self._taken.clear()

    async def _take(self, name: str, taken: Taken, most: int, at_s: float) -> None:
        lock = self._locks.setdefault(name, asyncio.Lock())
        wanted = max(1, most // TAKEN_AT_ONCE)
        async with lock:
            if taken.left or taken.used_up:  # somebody else took some meanwhile
                return
            given = await self._order(lambda: take(self._db, name, most, wanted, at_s))
            taken.left, taken.used_up = taken.left + given, not given
