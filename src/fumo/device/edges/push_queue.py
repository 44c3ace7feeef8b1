"""Where pushes wait for the loop, however they came, and the thread that brings them.

Promise: at most `QUEUE_MAX` datagrams wait and at most one in `PAUSE_S` is taken; what comes
faster is lost, as datagrams may be. Nothing is ever answered. It reads no byte of what it hears.
"""

import contextlib
import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

QUEUE_MAX = 16
PAUSE_S = 0.01
DATAGRAM_BYTES_MAX = 2048  # a notification and its headers have 1100 at most
LOOK_S = 0.5  # how often the thread looks whether it is to end


class Listener(ABC):
    """Implements `Pushes`. A context: the thread has ended after it."""

    def __init__(self, wake: Callable[[], None]) -> None:
        """`wake` is called for each datagram."""
        self._waiting: queue.Queue[bytes] = queue.Queue(QUEUE_MAX)
        self._wake = wake
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    @abstractmethod
    def _hear(self) -> Iterable[bytes]:
        """What came within `LOOK_S`."""

    @abstractmethod
    def _close(self) -> None:
        """Let go of what is listened to."""

    def take(self) -> list[bytes]:
        """What came, each once. Never waits."""
        taken: list[bytes] = []
        with contextlib.suppress(queue.Empty):
            while len(taken) < QUEUE_MAX:
                taken.append(self._waiting.get_nowait())
        return taken

    def __enter__(self) -> "Listener":
        self._thread.start()
        return self

    def __exit__(self, *ended: object) -> None:
        self._ending.set()
        self._thread.join()
        self._close()

    def _listen(self) -> None:
        while not self._ending.wait(PAUSE_S):
            for datagram in self._hear():
                with contextlib.suppress(queue.Full):
                    self._waiting.put_nowait(datagram)
                    self._wake()


class Together:
    """Implements `Pushes`: several ways in which they come."""

    def __init__(self, *ways: Listener) -> None:
        """Each is listened to by itself."""
        self._ways = ways

    def take(self) -> list[bytes]:
        """What came in any of them."""
        return [datagram for way in self._ways for datagram in way.take()]
