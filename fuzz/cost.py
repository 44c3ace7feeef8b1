"""What an input costs: never more than 20 times the median of good inputs of its size.

Good ones are those that were taken; most of what a fuzzer makes is refused at the first byte, and
against that every honest message would look dear. A slow machine makes single times lie, so an
input that looks dear is given again, and its best time counts. Inputs that cost less than a floor
are never dear: clocks and collectors cost that.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

DEAR_TIMES = 20.0
FLOOR_S = 0.01  # a millisecond of its own: watched code is about ten times slower than it is
LEARNT_AFTER = 200  # inputs of a size, before a median means anything
KEPT = 1024  # newest times of a size
AGAIN = 5


class Dear(AssertionError):
    """An input that costs far more than others of its size."""


class Scales:
    """Weighs each input; remembers the newest times of each size (a power of two)."""

    def __init__(self, told: Path, floor_s: float = FLOOR_S) -> None:
        """`told` is the file that keeps what the dearest input cost, in medians of its size."""
        self._floor_s = floor_s
        self._times: dict[int, list[float]] = {}
        self._told = told
        self._dearest = 0.0

    def weigh(self, give: Callable[[bytes], bool], data: bytes) -> None:
        """Give the input; Dear if it costs too much."""
        taken_s, good = _timed(give, data)
        known = self._times.setdefault(len(data).bit_length(), [])
        if len(known) >= LEARNT_AFTER and taken_s > self._floor_s:
            self._judge(give, data, taken_s, statistics.median(known))
        if good:
            known.append(taken_s)
            del known[:-KEPT]

    def _judge(
        self, give: Callable[[bytes], bool], data: bytes, taken_s: float, median_s: float
    ) -> None:
        limit_s = max(DEAR_TIMES * median_s, self._floor_s)
        if taken_s > limit_s:
            taken_s = min(_timed(give, data)[0] for _ in range(AGAIN))
        if (times := taken_s / max(median_s, self._floor_s / DEAR_TIMES)) > self._dearest:
            self._dearest = times
            self._told.write_text(f"{times:.1f}")
        if taken_s > limit_s:
            raise Dear(f"{len(data)} bytes cost {taken_s:.4f} s; others {median_s:.6f} s")


def _timed(give: Callable[[bytes], bool], data: bytes) -> tuple[float, bool]:
    began = time.process_time()
    good = give(data)
    return time.process_time() - began, good
