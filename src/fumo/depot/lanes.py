"""How fast bytes may go: one speed for each lane, and one for all. Pure: time comes in as a number.

Whoever takes bytes out of a bucket is told how long to wait until they may go, so takes are served
in the order they came. Each of `n` downloads of a lane takes an `n`-th of half a second's bytes at
a time. None is slower than ALIVE_BYTES_PER_S: a device lets go of what looks dead, and after a few
tries that is its result; so a lane of very many downloads is faster than it was told to be.
"""

from msgspec import Struct

from fumo.depot.urls import Lane

BURST_S = 0.25
"""What was not used is made up for, of so long at most."""
TURN_S = 0.5
ALIVE_BYTES_PER_S = 2_000
"""Of each download: twice what our device takes for stalled, over a minute."""
TAKE_MIN, TAKE_MAX = 512, 256 * 1024
LANES_MAX = 64
"""So many are remembered before those that nobody is in are looked for."""


class Bucket(Struct):
    """`paid_at_s`: when all that was taken is paid for. `active`: how many downloads take."""

    bytes_per_s: int
    paid_at_s: float = 0.0
    active: int = 0

    @property
    def speed(self) -> int:
        """Bytes a second, of all who take."""
        return max(self.bytes_per_s, ALIVE_BYTES_PER_S * self.active)

    def take(self, count: int, at_s: float) -> float:
        """Take so many bytes now: how many seconds to wait until they may go."""
        begins_at_s = max(self.paid_at_s, at_s - BURST_S)
        self.paid_at_s = begins_at_s + count / self.speed
        return max(self.paid_at_s - at_s, 0.0)

    def turn(self) -> int:
        """How many bytes one of the active downloads takes at a time."""
        share = int(self.speed * TURN_S / max(self.active, 1))
        return min(max(share, TAKE_MIN), TAKE_MAX)


class Pass(Struct, frozen=True):
    """What one download takes its bytes from; without buckets it goes as fast as it can."""

    buckets: tuple[Bucket, ...]

    def turn(self, left: int) -> int:
        """How many bytes to take next, of those that are left."""
        return min(left, TAKE_MAX, *(one.turn() for one in self.buckets))

    def take(self, count: int, at_s: float) -> float:
        """Take them: how long to wait until they may go."""
        return max((one.take(count, at_s) for one in self.buckets), default=0.0)


class Lanes:
    """The buckets of those lanes that are in use, and the one of all downloads."""

    def __init__(self, bytes_per_s: int = 0) -> None:
        """`bytes_per_s` is for all downloads together; 0: as fast as they go."""
        self._all = (Bucket(bytes_per_s),) if bytes_per_s else ()
        self._lanes: dict[Lane, Bucket] = {}

    def is_paced(self, lane: Lane | None) -> bool:
        """Has a download of this lane a speed to keep?"""
        return lane is not None or bool(self._all)

    def enter(self, lane: Lane | None, at_s: float) -> Pass:
        """What a download takes its bytes from; `leave` when it is over."""
        if len(self._lanes) >= LANES_MAX:
            self._forget(at_s)
        own = () if lane is None else (self._lanes.setdefault(lane, Bucket(lane.bytes_per_s)),)
        for one in (*own, *self._all):
            one.active += 1
        return Pass((*own, *self._all))

    def leave(self, given: Pass) -> None:
        """One download less."""
        for one in given.buckets:
            one.active -= 1

    def _forget(self, at_s: float) -> None:
        """Lanes that nobody is in, and that have nothing more to pay."""
        self._lanes = {
            lane: one for lane, one in self._lanes.items() if one.active or one.paid_at_s > at_s
        }
