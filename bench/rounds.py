"""Times many things side by side: every round runs each of them once, one after the other.

What disturbs the machine then disturbs all, and a ratio of two times is taken within a round. The
time is the processor time of this process, which runs on one core where it may choose.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

from msgspec import Struct

ROUND_S = 0.03
"""How long one thing runs in one round."""
WARM_UP = 50


class Spread(Struct, frozen=True):
    """Several measurements of one thing."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        """Median and range."""
        return f"{self.median:.2f} ({self.least:.2f}-{self.most:.2f})"


def spread(values: list[float]) -> Spread:
    """What several measurements say."""
    return Spread(median(values), min(values), max(values))


def ratios(over: list[float], under: list[float]) -> Spread:
    """How many times one thing took the other's time, round by round."""
    return spread([a / b for a, b in zip(over, under, strict=True)])


@contextmanager
def on_one_core() -> Iterator[bool]:
    """Run on one core for a while; False where that is not ours to say."""
    try:
        all_cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {max(all_cores)})
    except (AttributeError, OSError):
        yield False
        return
    try:
        yield True
    finally:
        os.sched_setaffinity(0, all_cores)


def measure(things: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Microseconds of one call of each thing, in every round."""
    calls = {name: _calls_in_a_round(call) for name, call in things.items()}
    took_us: dict[str, list[float]] = {name: [] for name in things}
    for _ in range(rounds):
        for name, call in things.items():
            took_us[name].append(_seconds(call, calls[name]) / calls[name] * 1e6)
    return took_us


def _calls_in_a_round(call: Callable[[], object]) -> int:
    _seconds(call, WARM_UP)
    return max(1, int(ROUND_S / (_seconds(call, WARM_UP) / WARM_UP)))


def _seconds(call: Callable[[], object], calls: int) -> float:
    repeated = range(calls)
    start = time.process_time()
    for _ in repeated:
        call()
    return time.process_time() - start
