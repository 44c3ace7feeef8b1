"""Listens for pushes on a UDP port, beside the loop, and wakes it (`push_queue` has the bounds)."""

import contextlib
import socket
from collections.abc import Callable, Iterable

from fumo.device.edges.push_queue import DATAGRAM_BYTES_MAX, LOOK_S, Listener


class PushListener(Listener):
    """Implements `Pushes`. A context: the port is free again after it."""

    def __init__(self, host: str, port: int, wake: Callable[[], None]) -> None:
        """OSError when the port cannot be had. `wake` is called for each datagram."""
        super().__init__(wake)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self._socket.settimeout(LOOK_S)

    @property
    def port(self) -> int:
        """The port, also when 0 was asked for."""
        return int(self._socket.getsockname()[1])

    def __enter__(self) -> "PushListener":
        super().__enter__()
        return self

    def _hear(self) -> Iterable[bytes]:
        with contextlib.suppress(TimeoutError, ConnectionError):
            yield self._socket.recv(DATAGRAM_BYTES_MAX)

    def _close(self) -> None:
        self._socket.close()
