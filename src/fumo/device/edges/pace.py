"""How fast a download must be, how fast it may be, and how long one call of it may take."""

import time

from msgspec import Struct

from fumo.device.edges.trouble import Trouble
from fumo.update.failures import Cause, failure

SIPS_PER_S = 8
"""Under a limit of rate so many pieces are read in a second, so that the flow is even."""


class Limits(Struct, frozen=True):
    """Bounds of one download; the defaults are those of `docs/reference`.

    `rate_bytes_s` 0: as fast as it comes. `package_types`: what a descriptor may lead to, in lower
    case; none: anything.
    """

    checkpoint_bytes: int = 16 * 1024 * 1024
    checkpoint_s: float = 10.0
    io_timeout_s: float = 20.0
    stall_window_s: float = 60.0
    stall_bytes_per_s: float = 1000.0
    idle_max_s: float = 15.0  # a connection left alone for longer is not used again
    redirects_max: int = 5
    package_bytes_max: int = 4 * 1024**3
    rate_bytes_s: int = 0
    package_types: tuple[str, ...] = ()


class Pace:
    """Finds a download that crawls: too few bytes in a window of time spent reading."""

    def __init__(self, limits: Limits) -> None:
        """Time between two calls of a download does not count against it."""
        self._limits = limits
        self._bytes = 0
        self._spent_s = 0.0

    def saw(self, count: int, took_s: float) -> None:
        """`count` bytes came in `took_s`; Trouble when the window was nearly empty."""
        self._bytes += count
        self._spent_s += took_s
        if self._spent_s < self._limits.stall_window_s:
            return
        if self._bytes < self._limits.stall_bytes_per_s * self._spent_s:
            raise Trouble(failure(Cause.STALLED))
        self._bytes, self._spent_s = 0, 0.0


class Brake:
    """Holds a download to its rate: each piece is paid for with time before the next one."""

    def __init__(self, rate_bytes_s: int) -> None:
        """0: there is no limit."""
        self._rate = rate_bytes_s
        self._free_s = 0.0

    def allows(self, most: int) -> int:
        """How many bytes may be read at once, after waiting until any may."""
        if not self._rate:
            return most
        time.sleep(max(0.0, self._free_s - time.monotonic()))
        return min(most, max(1, self._rate // SIPS_PER_S))

    def took(self, count: int) -> None:
        """So many were read."""
        if self._rate:
            self._free_s = max(self._free_s, time.monotonic()) + count / self._rate
