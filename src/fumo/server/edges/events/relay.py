"""The thread that lets events out: it numbers them, and tells all who follow that there are more.

It has a connection of its own, so that no message waits for it. The bell of this process is heard
at once; what other processes of the same database did is seen at the next look. While the database
does not answer it waits, and says so once.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

from fumo.server.edges.database import Database
from fumo.server.edges.events import feed

LOOK_EVERY_S = 1.0
GAP_S = 0.1
"""Between two looks: a hundred commits a second cost no more than ten."""

Duty: TypeAlias = Callable[[Database, float], object]
log = logging.getLogger("fumo.server")


class Relay:
    """Runs from `start` to `stop`."""

    def __init__(
        self,
        db: Database,
        told: Callable[[], None],
        duties: Sequence[Duty] = (),
        now_s: Callable[[], float] = time.time,
    ) -> None:
        """`told` is called when there are new events; `duties` are done at each look."""
        self._db, self._told, self._duties, self._now_s = db, told, duties, now_s
        self._bell = threading.Event()
        self._stopped = threading.Event()
        self._last = -1
        self._well = True
        self._thread = threading.Thread(target=self._run, name="fumo-relay", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ring(self) -> None:
        """Something was committed; from any thread."""
        self._bell.set()

    def stop(self) -> None:
        """End, and let the connection go."""
        self._stopped.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)
        self._db.close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            rang = self._bell.wait(LOOK_EVERY_S)
            self._bell.clear()
            try:
                self.look(rang)
                self._well = True
            except Exception as fault:
                if self._well:
                    log.warning("events wait: %s", fault)
                self._well = False
            self._stopped.wait(GAP_S if self._well else LOOK_EVERY_S)

    def look(self, rang: bool = False) -> None:
        """Number what waits, tell whoever follows, and do what is to be done.

        `rang`: something was committed here, which pages may show even if it is no event.
        """
        while feed.give_numbers(self._db) == feed.NUMBERED_MAX:
            pass
        last = feed.newest(self._db)
        if rang or last != self._last:
            self._last = last
            self._told()
        for duty in self._duties:
            duty(self._db, self._now_s())
