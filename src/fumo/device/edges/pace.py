"""How fast a download must be, and how long one call of it may take."""

from msgspec import Struct

from fumo.device.edges.trouble import Trouble
from fumo.update.failures import Cause, failure


class Limits(Struct, frozen=True):
    """Bounds of one download; the defaults are those of `docs/reference`."""

    checkpoint_bytes: int = 16 * 1024 * 1024
    checkpoint_s: float = 10.0
    io_timeout_s: float = 20.0
    stall_window_s: float = 60.0
    stall_bytes_per_s: float = 1000.0
    idle_max_s: float = 15.0  # a connection left alone for longer is not used again
    redirects_max: int = 5
    package_bytes_max: int = 4 * 1024**3


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
