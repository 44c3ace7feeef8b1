"""Takes away contents that nobody needs, and what is left of uploads that nobody moves.

A content goes when no package, upload or delta names it, nor any plain file of the store (signed
metadata), and it was added more than a day ago: long enough to name it. That is decided in a row
which its adders write too (`rows`), and its age is looked at once more as it goes. So an add of the
same content at any moment loses nothing. One process at a time holds the lease; what a killed one
had decided, the next one does first.
"""

import logging
import threading
import time
from collections.abc import Callable

from msgspec import Struct

from fumo.server.edges.contents.rows import condemn, going, gone, is_needed
from fumo.server.edges.contents.uploads import Uploads
from fumo.server.edges.database import Database
from fumo.server.office import Missing
from fumo.server.ports import Contents
from fumo.server.rollout import Denied

GRACE_S = 24 * 3600.0
LEASE_S = 600
FIRST_S, EVERY_S = 300.0, 3600.0

LEASE = """INSERT INTO kept (name, reached) VALUES ('collect', ?1)
    ON CONFLICT (name) DO UPDATE SET reached = ?1 WHERE kept.reached < ?2"""
RELEASE = "UPDATE kept SET reached = 0 WHERE name = 'collect' AND reached = ?1"
log = logging.getLogger("fumo.server")


class Collected(Struct, frozen=True):
    """What was looked at, and what is gone: contents, their bytes, and unfinished uploads."""

    looked: int
    removed: int
    bytes: int
    uploads: int


class Collector:
    """One a process, with a connection of its own. `collect` from any thread."""

    def __init__(
        self,
        db: Database,
        contents: Contents,
        now_s: Callable[[], float] = time.time,
        grace_s: float = GRACE_S,
    ) -> None:
        self._db, self._contents, self._now_s, self._grace_s = db, contents, now_s, grace_s
        self._uploads = Uploads(db)
        self._alone = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fumo-collector", daemon=True)

    def start(self) -> None:
        """Collect now and then, from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the content that is looked at."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)
        self._db.close()

    def collect(self) -> Collected:
        """All that is due; Denied while another does it."""
        with self._alone:
            until = int(self._now_s()) + LEASE_S
            if self._db.run(LEASE, until, int(self._now_s())) == 0:
                raise Denied("another server is collecting just now")
            try:
                uploads = self._old_uploads()
                for sha256 in going(self._db):
                    self._take_away(sha256)
                looked, removed, length = self._contents_that_nobody_needs(until)
                return Collected(looked, removed, length, uploads)
            finally:
                self._db.run(RELEASE, until)

    def _contents_that_nobody_needs(self, until_s: float) -> tuple[int, int, int]:
        named = set(self._contents.named())
        looked = removed = length = 0
        for one in self._contents.names():
            if self._stopped.is_set() or self._now_s() >= until_s:
                break  # the next time begins at the first again, and most will be gone
            looked += 1
            if one.sha256 not in named and self._goes(one.sha256, one.at_s):
                removed, length = removed + 1, length + one.length
        return looked, removed, length

    def _goes(self, sha256: str, at_s: float) -> bool:
        """It is needed by nobody, and so it is gone."""
        before_s = self._now_s() - self._grace_s
        if at_s >= before_s or is_needed(self._db, sha256):
            return False
        return condemn(self._db, sha256, at_s, before_s) and self._take_away(sha256)

    def _take_away(self, sha256: str) -> bool:
        """Of what is going; one that came again meanwhile is young, and stays."""
        removed = self._contents.remove(sha256, self._now_s() - self._grace_s)
        gone(self._db, sha256)
        return removed

    def _old_uploads(self) -> int:
        """Rows first: pieces without a row belong to nothing."""
        old = self._uploads.old(self._now_s())
        for id_ in old:
            self._uploads.forget(id_)
        for id_ in list(self._contents.uploads()):
            if not self._is_upload(id_):
                self._contents.drop(id_)
        return len(old)

    def _is_upload(self, id_: str) -> bool:
        try:
            self._uploads.of(id_)
        except Missing:
            return False
        return True

    def _run(self) -> None:
        wait_s = FIRST_S
        while not self._stopped.wait(wait_s):
            wait_s = EVERY_S
            try:
                done = self.collect()
                if done.removed or done.uploads:
                    log.info("collected %d contents (%d bytes)", done.removed, done.bytes)
            except Exception as fault:  # the store or the database is away: in an hour again
                log.warning("nothing is collected: %s", fault)
