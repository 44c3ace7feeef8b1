"""Listens for pushes on a UDP port, beside the loop, and wakes it.

Promise: at most `QUEUE_MAX` datagrams wait and at most one in `PAUSE_S` is taken; what comes
faster is lost, as datagrams may be. Nothing is ever answered. It reads no byte of what it hears.
"""

import contextlib
import queue
import socket
import threading
from collections.abc import Callable

QUEUE_MAX = 16
PAUSE_S = 0.01
DATAGRAM_BYTES_MAX = 2048  # a notification and its headers have 1100 at most
LOOK_S = 0.5  # how often the thread looks whether it is to end


class PushListener:
    """Implements `Pushes`. A context: the port is free again after it."""

    def __init__(self, host: str, port: int, wake: Callable[[], None]) -> None:
        """OSError when the port cannot be had. `wake` is called for each datagram."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self._socket.settimeout(LOOK_S)
        self._waiting: queue.Queue[bytes] = queue.Queue(QUEUE_MAX)
        self._wake = wake
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    @property
    def port(self) -> int:
        """The port, also when 0 was asked for."""
        return int(self._socket.getsockname()[1])

    def take(self) -> list[bytes]:
        """What came, each once. Never waits."""
        taken: list[bytes] = []
        with contextlib.suppress(queue.Empty):
            while len(taken) < QUEUE_MAX:
                taken.append(self._waiting.get_nowait())
        return taken

    def __enter__(self) -> "PushListener":
        self._thread.start()
        return self

    def __exit__(self, *ended: object) -> None:
        self._ending.set()
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        while not self._ending.wait(PAUSE_S):
            with contextlib.suppress(TimeoutError, queue.Full, ConnectionError):
                datagram = self._socket.recv(DATAGRAM_BYTES_MAX)
                self._waiting.put_nowait(datagram)
                self._wake()
