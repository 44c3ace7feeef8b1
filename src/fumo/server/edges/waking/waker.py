"""The thread that wakes: it looks who is owed a notification, and gives it to its sender's line.

It has a connection of its own, so that no message waits for it. While the database does not answer
it waits, and says so once. Several servers of one database share the work.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping

from fumo.server.edges.database import Database
from fumo.server.edges.waking.line import Line
from fumo.server.edges.waking.taking import Taken, Terms, lanes, settle, take
from fumo.server.ports import Sender
from fumo.server.waking import KINDS, Parcel, Sent, Way

LOOK_EVERY_S = 1.0
GAP_S = 0.1
OTHERS_S = 60.0
"""After so long it is said that there is no sender, and an attempt is lost."""

log = logging.getLogger("fumo.server")


class Missing:
    """Implements `Sender` for a way that this server was given no sender for."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def send(self, parcel: Parcel) -> Sent:
        """Nothing leaves."""
        return Sent(f"this server has no sender for {self._kind}: see [senders] of its settings")

    def close(self) -> None:
        """Nothing."""


class Waker:
    """Runs from `start` to `stop`."""

    def __init__(
        self,
        db: Database,
        terms: Terms,
        senders: Mapping[str, Sender],
        now_s: Callable[[], float] = time.time,
    ) -> None:
        """A sender for each kind of way that this server has."""
        self._db, self._terms, self._now_s = db, terms, now_s
        self._lines = {
            kind: Line(kind, senders.get(kind) or Missing(kind), self._settle) for kind in KINDS
        }
        self._senders = senders
        self._bell = threading.Event()
        self._stopped = threading.Event()
        self._well = True
        self._thread = threading.Thread(target=self._run, name="fumo-waker", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ring(self) -> None:
        """Something was committed; from any thread."""
        self._bell.set()

    def push(self, way: Way, parcel: Parcel) -> Sent:
        """Send something at once, once; from any thread."""
        return (self._senders.get(way.kind) or Missing(way.kind)).send(parcel)

    def stop(self) -> None:
        """What is being sent is sent; then the connection is let go."""
        self._stopped.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)
        for line in self._lines.values():
            line.close()
        self._db.close()

    def look(self) -> None:
        """Take what is due, as much as each line carries.

        What this server has no sender for is left to a server that has, for some time.
        """
        for lane in lanes(self._db):
            late_s = 0.0 if lane[1] in self._senders else OTHERS_S
            line, at_s = self._lines[lane[1]], self._now_s()
            room = line.room(at_s)
            for taken in take(self._db, self._terms, lane, room, at_s, late_s) if room > 0 else ():
                line.carry(taken, self._now_s)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._bell.wait(LOOK_EVERY_S)
            self._bell.clear()
            try:
                self.look()
                self._well = True
            except Exception as fault:
                if self._well:
                    log.warning("waking waits: %s", fault)
                self._well = False
            self._stopped.wait(GAP_S if self._well else LOOK_EVERY_S)

    def _settle(self, taken: Taken, sent: Sent, rest_s: float) -> None:
        settle(self._db, taken, sent, self._now_s(), rest_s)
