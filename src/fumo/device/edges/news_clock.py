"""The clock of the loop: it sleeps until a moment, or until there is news.

News come through a pipe that a sleep waits on, so none is missed, whoever brings it: a thread, or
a signal's handler in the middle of anything. A signal that arrives just before a sleep begins is
noticed too, when `signal.set_wakeup_fd` knows the pipe: Python's own handler would run only after
the sleep, an hour later.
"""

import contextlib
import os
import select
import time
import weakref
from collections.abc import Callable

LOOK_S = 24 * 3600.0
"""A longer sleep ends early and is asked for again: poll counts milliseconds in 32 bits."""
NEWS = b"."
TAKEN_MAX = 4096


class NewsClock:
    """Implements `Clock`: monotonic; `wake` ends a sleep early, from any thread or signal."""

    def __init__(self, beat: Callable[[], None] = lambda: None, beat_s: float | None = None):
        """No news yet. `beat` is called at least each `beat_s` of a sleep, if that is a time."""
        self._ear, self.mouth = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        """`mouth`: what is written to it is news; for `signal.set_wakeup_fd`."""
        self._beat, self._beat_s = beat, beat_s
        weakref.finalize(self, _closed, self._ear, self.mouth)

    def now_s(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, or until there is news."""
        left_s = seconds
        while self._beat_s is not None and left_s > self._beat_s:
            self._beat()
            if self._comes_within(self._beat_s):
                return
            left_s -= self._beat_s
        self._comes_within(left_s)

    def wake(self) -> None:
        """There is news."""
        with contextlib.suppress(BlockingIOError):  # so much of it is there that the pipe is full
            os.write(self.mouth, NEWS)

    def _comes_within(self, seconds: float) -> bool:
        """Is there news by then? What came is taken, all of it."""
        waiting = select.poll()
        waiting.register(self._ear, select.POLLIN)
        if not waiting.poll(max(0.0, min(seconds, LOOK_S)) * 1000):
            return False
        with contextlib.suppress(BlockingIOError):
            while os.read(self._ear, TAKEN_MAX):
                pass
        return True


def _closed(*ends: int) -> None:
    for end in ends:
        os.close(end)
