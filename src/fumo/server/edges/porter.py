"""Counts who was turned away for want of a certificate, and logs it: a line a gap, however many.

A stranger who bears a device's name cannot fill the log, and the operator whose device lost its
certificate reads why it is not believed.
"""

import logging
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter

GAP_S = 10.0
log = logging.getLogger("fumo.server")


class Porter:
    """Fits the port of the same name; for one thread."""

    def __init__(
        self, registry: CollectorRegistry, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        """Nobody came yet."""
        self._now_s = now_s
        self._said_at_s: float | None = None
        self._unsaid = 0
        self._count = Counter(
            "fumo_turned_away", "Messages in the name of a device that is bound to a certificate, "
            "without one (none) or with another.", ["certificate"], registry=registry,
        )  # fmt: skip

    def turned_away(self, device_id: str, why: str) -> None:
        """Count it, and say so if nothing was said for a while."""
        self._count.labels(why).inc()
        now_s = self._now_s()
        if self._said_at_s is not None and now_s - self._said_at_s < GAP_S:
            self._unsaid += 1
            return
        log.warning(
            "%r came with %s certificate, and is bound to its own: not believed (%d more unsaid)",
            device_id[:100], "no" if why == "none" else "another", self._unsaid,
        )  # fmt: skip
        self._said_at_s, self._unsaid = now_s, 0
