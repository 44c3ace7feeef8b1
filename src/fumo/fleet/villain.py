"""Kills two devices in the middle of things, and starts them again.

In the middle is judged from outside: by the bytes of a package that have passed the proxy, and by
a slot file that has begun to change while the boot environment does not point at it yet.
"""

import signal
import threading
from collections.abc import Callable, Collection

from fumo.fleet.evidence import Killed, Recorder, Started, now_ns
from fumo.fleet.processes import Processes
from fumo.fleet.tap import Order

DOWNLOAD, APPLY = "download", "apply"
PART_OF_DOWNLOAD = 0.4
DARK_S = 0.5
"""How long a killed device stays down."""


class Villain:
    """Told of what is seen; each deed is done once."""

    def __init__(
        self, in_download: str, in_apply: Collection[str], processes: Processes, recorder: Recorder
    ) -> None:
        """Of `in_apply` the first one caught is killed."""
        self._in_download = in_download
        self._in_apply = frozenset(in_apply)
        self._processes = processes
        self._recorder = recorder
        self._undone = {DOWNLOAD, APPLY}
        self._threads: list[threading.Thread] = []
        self.victims: set[str] = set()
        self.flipped: Callable[[str], bool] = lambda _: True
        self.start_again: Callable[[str], None] = lambda _: None

    def download_went_on(self, order: Order, part: float) -> None:
        """Called by the proxy for each piece."""
        if DOWNLOAD not in self._undone or order.device != self._in_download:
            return
        if PART_OF_DOWNLOAD <= part < 1.0:
            self._undone.discard(DOWNLOAD)
            self._kill(order.device, DOWNLOAD)

    def slot_changed(self, device: str) -> None:
        """Called by the watcher for each write. The device is held still to look at it."""
        if APPLY not in self._undone or device not in self._in_apply:
            return
        self._processes.signal(device, signal.SIGSTOP)
        if self.flipped(device):
            self._processes.signal(device, signal.SIGCONT)
            return
        self._undone.discard(APPLY)
        self._kill(device, APPLY)

    def finish(self) -> None:
        """Everybody who was killed is up again."""
        for thread in self._threads:
            thread.join()

    def _kill(self, device: str, phase: str) -> None:
        self.victims.add(device)
        at_ns = now_ns()
        self._processes.signal(device, signal.SIGKILL)
        self._recorder.add(Killed(at_ns, device, phase))
        thread = threading.Thread(target=self._revive, args=(device,), daemon=True)
        thread.start()
        self._threads.append(thread)

    def _revive(self, device: str) -> None:
        self._processes.kill(device)
        threading.Event().wait(DARK_S)
        self.start_again(device)
        self._recorder.add(Started(now_ns(), device))
