"""One sender with its few threads: what it carries at once is bounded, and what is down rests.

So a way that hangs holds up itself alone: no other way, no message and no look of the waker.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from fumo.server.edges.waking.taking import Taken
from fumo.server.ports import Sender
from fumo.server.waking import Sent

AT_ONCE = 4
WAITING_MAX = 8
"""Attempts that were taken and wait for a thread: what they lose if this process dies is small."""
FIRST_REST_S = 5.0
LONGEST_REST_S = 300.0

log = logging.getLogger("fumo.server")


class Line:
    """Implements nothing; used by the waker's thread, and its own."""

    def __init__(
        self, kind: str, sender: Sender, settle: Callable[[Taken, Sent, float], None]
    ) -> None:
        """`settle` is told of each attempt that failed, and for how long the sender rests then."""
        self._kind, self._sender, self._settle = kind, sender, settle
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"fumo-{kind}")
        self._lock = threading.Lock()
        self._carried = 0
        self._rest_s = self._until_s = 0.0

    def room(self, at_s: float) -> int:
        """How many more it takes now."""
        with self._lock:
            if at_s < self._until_s <= at_s + LONGEST_REST_S:
                return 0
            return AT_ONCE + WAITING_MAX - self._carried

    def carry(self, taken: Taken, now_s: Callable[[], float]) -> None:
        """Send it on a thread of this line."""
        with self._lock:
            self._carried += 1
        self._pool.submit(self._send, taken, now_s)

    def close(self) -> None:
        """What is being sent is sent; what waits is not, and comes again after its wait."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._sender.close()

    def _send(self, taken: Taken, now_s: Callable[[], float]) -> None:
        try:
            sent = self._sender.send(taken.parcel)
            rest_s = self._rested(sent, now_s())
            if not sent.good:
                log.warning("%s to %s: %s", self._kind, taken.wake.device_id, sent.trouble)
                self._settle(taken, sent, rest_s)
        except Exception:
            log.exception("a notification by %s", self._kind)
        finally:
            with self._lock:
                self._carried -= 1

    def _rested(self, sent: Sent, at_s: float) -> float:
        """How long nothing is sent: doubled while it stays down."""
        with self._lock:
            if not sent.down:
                self._rest_s = self._rest_s if not sent.good else 0.0
                return 0.0
            if at_s >= self._until_s:
                self._rest_s = min(max(self._rest_s * 2, FIRST_REST_S), LONGEST_REST_S)
                self._until_s = at_s + self._rest_s
            return self._rest_s
