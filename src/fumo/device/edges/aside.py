"""A thread for the one long effect; it wakes the clock when it ends.

An effect that raises is no happening: `poll` raises it again in the loop, which ends the agent;
the next one starts from disk.
"""

import threading

from fumo.device.edges.news_clock import NewsClock
from fumo.device.ports import Effect
from fumo.errors import MisuseError
from fumo.update.happening import Happening

LOOK_S = 3600.0  # an effect that ends wakes the clock


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
