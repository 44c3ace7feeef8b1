"""A thread for the one long effect, and the clock it wakes.

An effect that raises is no happening: `poll` raises it again in the loop, which ends the agent;
the next one starts from disk.
"""

import contextlib
import queue
import threading
import time
from collections.abc import Callable

from fumo.device.ports import Effect
from fumo.errors import MisuseError
from fumo.update.happening import Happening

LOOK_S = 3600.0  # an effect that ends wakes the clock


class NewsClock:
    """Implements `Clock`: monotonic; `wake` ends a sleep early, from any thread or signal.

    The news are in a queue that may be put to while it is read: a signal's handler runs in the
    middle of whatever this thread does, and an Event that it sets may be the one it is waiting on.
    """

    def __init__(self, beat: Callable[[], None] = lambda: None, beat_s: float | None = None):
        """No news yet. `beat` is called at least each `beat_s` of a sleep, if that is a time."""
        self._news: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._beat, self._beat_s = beat, beat_s

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

    def _comes_within(self, seconds: float) -> bool:
        """Is there news by then? What came is taken, all of it."""
        with contextlib.suppress(queue.Empty):
            self._news.get(timeout=seconds)
            while not self._news.empty():
                self._news.get_nowait()
            return True
        return False

    def wake(self) -> None:
        """There is news."""
        self._news.put(None)


class ThreadAside:
    """Implements `Aside`."""

    def __init__(self, clock: NewsClock) -> None:
        """The clock is woken when an effect ends."""
        self._clock = clock
        self._thread: threading.Thread | None = None
        self._brought: Happening | None = None
        self._raised: BaseException | None = None

    def __enter__(self) -> "ThreadAside":
        return self

    def __exit__(self, *ended: object) -> None:
        """No effect outlives its agent: the next one would work beside it (invariant I1)."""
        if self._thread is None:
            return
        while not self._ended():
            self._clock.sleep(LOOK_S)  # which tells the service manager that we are alive
        self._thread.join()

    @property
    def busy(self) -> bool:
        """An effect runs, or its happening was not taken yet."""
        return self._thread is not None

    def begin(self, effect: Effect) -> None:
        """Start it in a thread that does not outlive the process."""
        if self.busy:
            raise MisuseError("one effect at a time")
        self._brought = self._raised = None
        self._thread = threading.Thread(target=self._run, args=(effect,), daemon=True)
        self._thread.start()

    def poll(self) -> Happening | None:
        """What it brought, once; None while it runs."""
        if self._thread is None or not (self._ended() or not self._thread.is_alive()):
            return None
        self._thread.join()
        self._thread = None
        if self._raised is not None:
            raise self._raised
        return self._brought

    def _ended(self) -> bool:
        return self._brought is not None or self._raised is not None

    def _run(self, effect: Effect) -> None:
        try:
            self._brought = effect()
        except BaseException as error:  # told to the loop, which judges it
            self._raised = error
        self._clock.wake()
