"""The thread that has deltas made, with a connection of its own: no message waits for it.

It looks what is wanted every minute, and makes one at a time, in its turn. Whatever fails is said
in the delta's row; a database that does not answer is asked again.
"""

import logging
import threading
import time
from collections.abc import Callable

from fumo.package.delta import NotMade
from fumo.server.deltas import Delta, failed, made
from fumo.server.edges.contents.rows import Going
from fumo.server.edges.database import Database
from fumo.server.edges.deltas import rows
from fumo.server.edges.store import PACKAGES
from fumo.server.ports import DeltaMaker

LOOK_EVERY_S = 5.0
WANTED_EVERY_S = 60.0
SPARE_S = 120.0
"""A turn lasts longer than its delta may take: files are copied before and after."""
log = logging.getLogger("fumo.server")


class Deltas:
    """Runs from `start` to `stop`."""

    def __init__(
        self,
        db: Database,
        maker: DeltaMaker,
        told: Callable[[], None] = lambda: None,
        now_s: Callable[[], float] = time.time,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        """`told` is called when there is something new to see."""
        self._db, self._maker, self._told, self._now_s = db, maker, told, now_s
        self._every_s = look_every_s
        self._wanted_at_s = 0.0
        self._stopped = threading.Event()
        self._well = True
        self._thread = threading.Thread(target=self._run, name="fumo-deltas", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End: what is being made is given up, and made anew by whoever comes next."""
        self._stopped.set()
        self._maker.stop()
        if self._thread.is_alive():
            self._thread.join(timeout=30)
        self._db.close()

    def _run(self) -> None:
        if not self._maker.formats:
            log.info("no deltas are made here: pip install 'fumo[delta]'")
        while not self._stopped.wait(self._every_s):
            try:
                while self.look() and not self._stopped.is_set():
                    pass
                self._well = True
            except Exception as fault:
                if self._well:
                    log.warning("deltas wait: %s", fault)
                self._well = False

    def look(self) -> bool:
        """Write down what is wanted, and make one: was there one?"""
        at_s = self._now_s()
        if at_s >= self._wanted_at_s:
            rows.add(self._db, rows.wanted(self._db, self._maker.formats))
            self._wanted_at_s = at_s + WANTED_EVERY_S
        if rows.due(self._db, at_s) is None:
            return False
        until_s = rows.take_turn(self._db, at_s, self._maker.seconds + SPARE_S)
        return until_s is not None and self._turn(until_s, at_s)

    def _turn(self, until_s: float, at_s: float) -> bool:
        """It is ours to make the next one."""
        delta = came = None
        try:
            delta = rows.due(self._db, at_s)  # somebody may just have made the other
            came = None if delta is None else self._made(delta)
        finally:
            kept = self._kept(until_s, delta, came)
        if came is not None and kept:
            self._wanted_at_s = 0.0
            self._told()
        return came is not None

    def _kept(self, until_s: float, delta: Delta | None, came: Delta | None) -> bool:
        try:
            return rows.end_turn(self._db, until_s, came)
        except Going as fault:
            assert delta is not None
            came = failed(delta, NotMade(str(fault)), self._now_s())
            return rows.end_turn(self._db, until_s, came)

    def _made(self, delta: Delta) -> Delta | None:
        """What came of it; None: we end."""
        base, package = (self._sha256(one) for one in (delta.base_id, delta.package_id))
        try:
            what = self._maker.make(base, package, delta.format)
        except NotMade as why:
            if self._stopped.is_set():
                return None
            log.info("no delta %d: %s", delta.id, why)
            return failed(delta, why, self._now_s())
        except OSError as fault:
            return failed(delta, NotMade(f"the store: {fault}"), self._now_s())
        log.info("delta %d: %d bytes in %.1f s", delta.id, what.length, what.seconds)
        return made(delta, what, self._now_s())

    def _sha256(self, package_id: int) -> str:
        [cells] = self._db.rows(f"{PACKAGES.select}WHERE id = ?1", package_id)
        return PACKAGES.row(cells).sha256
