"""Watches how long signed metadata is good, and tells the feed once when somebody should sign.

A duty of the relay. The store may be far away, so it is read aside, once a minute: no event waits
for it. What was told is a row of `kept` for each role and standing, with the second at which it
expires: so all servers of a database tell it once, and a new signature is told of anew.
"""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor

from fumo.server.edges.database import Database
from fumo.server.lasting import MetadataTold, SignedRole, Standing, standing, told
from fumo.server.ports import SignedPackages

EVERY_S = 60.0
ONCE = """INSERT INTO kept (name, reached) VALUES (?1, ?2)
    ON CONFLICT (name) DO UPDATE SET reached = excluded.reached
    WHERE kept.reached <> excluded.reached RETURNING reached"""
TELL = "INSERT INTO event (at_s, kind, text) VALUES (?1, ?2, ?3)"
WORDS = {
    Standing.NEAR: "{0.role} {0.version} expires soon: sign it anew",
    Standing.EXPIRED: "{0.role} {0.version} has expired: devices believe no update",
}
log = logging.getLogger("fumo.server")


class Lasting:
    """What was read last, from any thread; the duty itself is the relay's."""

    def __init__(self, signed: SignedPackages | None, aside: Executor | None = None) -> None:
        """Nothing is read yet; None: there is nothing to read, ever. `aside` reads."""
        self._signed = signed
        self._roles: Sequence[SignedRole] = ()
        self._fault = ""
        self._next_s = 0.0
        self._reading: Future[Sequence[SignedRole]] | None = None
        self._aside = aside or ThreadPoolExecutor(1, "fumo-lasting")

    def __call__(self, db: Database, at_s: float) -> None:
        """Begin to read when it is time, and tell of what was read."""
        if self._reading is not None and self._reading.done():
            self._take(self._reading)
            self._reading = None
            for role in self._roles:
                tell(db, role, at_s)
        rests = at_s < self._next_s <= at_s + EVERY_S  # a clock that was set back is no reason to
        if self._signed is not None and self._reading is None and not rests:
            self._next_s = at_s + EVERY_S
            self._reading = self._aside.submit(self._signed.roles)

    def told(self, at_s: float) -> MetadataTold:
        """For people."""
        return MetadataTold([told(role, at_s) for role in self._roles], self._fault)

    def left(self, at_s: float) -> Iterator[tuple[str, float]]:
        """The seconds that each role has left; below 0 it has expired."""
        yield from ((role.role, role.expires_at_s - at_s) for role in self._roles)

    def stop(self) -> None:
        """Read no more."""
        self._aside.shutdown(wait=False, cancel_futures=True)

    def _take(self, reading: Future[Sequence[SignedRole]]) -> None:
        fault = reading.exception()
        if fault is None:
            self._roles, self._fault = reading.result(), ""
            return
        if str(fault) != self._fault:
            log.warning("signed metadata is not read: %s", fault)
        self._fault = str(fault)


def tell(db: Database, role: SignedRole, at_s: float) -> None:
    """An event when it is near its end, and another when it is over: once for each signature."""
    stands = standing(role, at_s)
    if stands is Standing.GOOD:
        return
    with db.transaction():
        if db.rows(ONCE, f"metadata.{role.role}.{stands}", int(role.expires_at_s)):
            db.run(TELL, at_s, f"metadata.{stands}", WORDS[stands].format(role))
